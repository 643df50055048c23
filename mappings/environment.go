package mappings

import (
	"slices"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure" // the pure methods of Bloblang
)

// functions are what a mapping may call: nothing that reads a clock, a file,
// the environment or a source of chance, so that the same row always becomes
// the same record.
const functions = "bytes deleted nothing pi range throw"

// messageFunctions ask a Benthos message about itself. Processors may call
// them; a mapping sees a row and no message.
const messageFunctions = "batch_index batch_size content error error_source_label error_source_name error_source_path " +
	"errored json meta metadata root_meta var"

// methods are what a mapping may apply to a value. Left out of Bloblang's own:
// json_schema, which reads files and URLs named in a schema, and bloblang,
// which runs text out of the row.
const methods = "abs all any append apply array assign bitwise_and bitwise_or bitwise_xor bool bytes capitalize catch ceil collapse " +
	"compress concat contains cos decode decompress decrypt_aes encode encrypt_aes enumerated escape_html escape_url_path escape_url_query " +
	"exists explode filepath_join filepath_split filter find find_all find_all_by find_by flatten float32 float64 floor fold format format_json " +
	"format_timestamp format_timestamp_strftime format_timestamp_unix format_timestamp_unix_micro format_timestamp_unix_milli " +
	"format_timestamp_unix_nano format_yaml from from_all get has_prefix has_suffix hash index index_of infer_schema int16 int32 int64 int8 " +
	"join key_values keys length log log10 lowercase map map_each map_each_key max merge min not not_empty not_null number or parse_csv " +
	"parse_duration parse_duration_iso8601 parse_form_url_encoded parse_json parse_logfmt parse_timestamp parse_timestamp_strptime parse_url " +
	"parse_yaml pow quote re_find_all re_find_all_object re_find_all_submatch re_find_object re_match re_replace re_replace_all repeat replace " +
	"replace_all replace_all_many replace_many reverse round sin slice sort sort_by split squash string sum tan timestamp trim trim_prefix " +
	"trim_suffix ts_add_iso8601 ts_format ts_parse ts_round ts_strftime ts_strptime ts_sub ts_sub_iso8601 ts_tz ts_unix ts_unix_micro " +
	"ts_unix_milli ts_unix_nano type uint16 uint32 uint64 uint8 unescape_html unescape_url_path unescape_url_query unique unquote uppercase " +
	"uuid_v5 values with without zip"

// maxRecursion bounds how deep the maps of a mapping may call each other.
const maxRecursion = 200

// Environment returns the Bloblang of a pipeline's processors: pure functions
// and methods, those that ask a message about itself, and our own methods.
// There is no env(), no file(), no clock, no chance and no import.
func Environment() *bloblang.Environment {
	return own(restricted(functions + " " + messageFunctions).WithDisabledImports())
}

// forFiles returns the Bloblang of mapping files: that of processors without
// the functions about a message, and with imports that read asks for.
func forFiles(read func(name string) ([]byte, error)) *bloblang.Environment {
	return own(restricted(functions).WithCustomImporter(read))
}

// restricted returns an environment with the allowed functions and methods
// alone, whatever else the packages of this program registered.
func restricted(functions string) *bloblang.Environment {
	env := bloblang.NewEnvironment().WithMaxMapRecursion(maxRecursion)
	allowed, others := strings.Fields(functions), []string{}
	env.WalkFunctions(func(name string, _ *bloblang.FunctionView) {
		if !slices.Contains(allowed, name) {
			others = append(others, name)
		}
	})
	env = env.WithoutFunctions(others...)
	allowed, others = strings.Fields(methods), nil
	env.WalkMethods(func(name string, _ *bloblang.MethodView) {
		if !slices.Contains(allowed, name) {
			others = append(others, name)
		}
	})
	return env.WithoutMethods(others...)
}
