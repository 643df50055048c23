// Package file reads files as sources: delimited text, JSON, workbooks and e-mail, in whatever encoding and compression they come.
package file

import (
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file/charset"
	"crmhub/fault"
)

// Connector reads files. Its zero value is ready.
type Connector struct{}

var _ connectors.Connector = Connector{}

// The formats that the connector reads.
const (
	formatAuto      = "auto"
	formatCSV       = "csv"
	formatTSV       = "tsv"
	formatDelimited = "delimited"
	formatJSONL     = "jsonl"
	formatJSON      = "json"
	formatXLSX      = "xlsx"
	formatEML       = "eml"
	formatMbox      = "mbox"
	formatMaildir   = "maildir"
)

// Spec describes the connector.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "file",
		Title:    fault.Text{"Files: CSV, JSON, Excel, e-mail", "文件：CSV、JSON、Excel、电子邮件"},
		Category: connectors.Files,
		Doc: fault.Text{
			"Reads a file, a folder or a pattern of files in the order of their names. Delimiter, quote, header row and encoding are detected and told by `discover`. A row that can't be read goes to quarantine with its place. Lines and rows without any value are passed over. Reading goes on inside a file; where what was read before has changed, it starts anew. Deletes are seen only by a sweep.",
			"按名称顺序读取一个文件、一个文件夹或一组匹配的文件。分隔符、引号、表头行和编码会自动检测，并由 `discover` 说明。无法读取的行带着位置进入隔离区。没有任何值的行会被跳过。读取可在文件中间继续；若已读部分发生变化，则从头开始。删除只能通过 sweep 发现。",
		},
		Params: params,
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Tested: []connectors.Note{{"files of each format, encoding and dialect that the tests write themselves", "测试自行写出的各种格式、编码与写法的文件"}},
		Limits: fault.Text{
			"A row that left a file is seen by a sweep alone. In a file that changed in its middle, rows are read again from the beginning. Formulas are read as the value that was saved with them; macros, pictures and comments of workbooks are not read. Files locked with a password are refused.",
			"从文件中消失的行只能通过清扫发现。文件中间被改动时从头重新读取。公式读取其保存的值；不读取工作簿的宏、图片和批注。受密码保护的文件会被拒绝。",
		},
	}
}

var params = []connectors.Param{
	{Name: "path", Type: connectors.String, Required: true, Doc: fault.Text{
		"A file, a folder, or a pattern with * ? [ ]; relative to the folder of hub.yaml.", "文件、文件夹，或含 * ? [ ] 的模式；相对于 hub.yaml 所在文件夹。",
	}},
	{
		Name: "format", Type: connectors.String, Default: formatAuto,
		Enum: []string{formatAuto, formatCSV, formatTSV, formatDelimited, formatJSONL, formatJSON, formatXLSX, formatEML, formatMbox, formatMaildir},
		Doc:  fault.Text{"What the files are; auto looks at name and content.", "文件格式；auto 根据名称和内容判断。"},
	},
	{Name: "encoding", Type: connectors.String, Default: "auto", Doc: fault.Text{
		"auto, utf-8, utf-16, gb18030, gbk, big5, shift_jis, windows-1252 and others of the web's list.", "auto、utf-8、utf-16、gb18030、gbk、big5、shift_jis、windows-1252 及网页标准中的其他编码。",
	}},
	{Name: "compression", Type: connectors.String, Default: "auto", Enum: []string{"auto", "none", "gzip", "zip", "zstd", "bzip2"}, Doc: fault.Text{
		"How the files are packed; auto looks at the first bytes. Each file in a zip is a file.", "压缩方式；auto 查看开头的字节。zip 中的每个文件都是一个文件。",
	}},
	{Name: "delimiter", Type: connectors.String, Default: "auto", Doc: fault.Text{
		"auto, tab, or one character of ASCII.", "auto、tab，或一个 ASCII 字符。",
	}},
	{Name: "quote", Type: connectors.String, Default: "auto", Doc: fault.Text{
		"auto, none, or one character of ASCII.", "auto、none，或一个 ASCII 字符。",
	}},
	{Name: "escape", Type: connectors.String, Default: escapeAuto, Enum: []string{escapeAuto, escapeNone, escapeBackslash}, Doc: fault.Text{
		"What a backslash is: backslash as databases write texts out, where \\N alone is null; none an ordinary character.", "反斜杠的含义：backslash 按数据库导出文本的写法，单独的 \\N 为空值；none 为普通字符。",
	}},
	{Name: "header_row", Type: connectors.String, Default: "auto", Doc: fault.Text{
		"auto, none, or the number of the row that names the columns; the rows above it are passed over.", "auto、none，或表头所在的行号；其上的行会被跳过。",
	}},
	{Name: "header_rows", Type: connectors.Int, Doc: fault.Text{
		"How many rows the header has; their names are joined with /. By default what the merged cells tell, else 1.", "表头占几行；各级名称以 / 连接。默认由合并单元格判断，否则为 1。",
	}},
	{Name: "columns", Type: connectors.Strings, Doc: fault.Text{
		"The names of all columns in order, in place of those in the header.", "按顺序给出的所有列名，代替表头中的列名。",
	}},
	{Name: "sheet", Type: connectors.Strings, Doc: fault.Text{
		"The sheets of a workbook that are read; by default all that hold anything.", "要读取的工作表；默认为所有有内容的工作表。",
	}},
	{Name: "records", Type: connectors.String, Doc: fault.Text{
		"Where the array of rows stands in a JSON document: /data/customers; a dot where the document itself is one row. By default the document, or the first array of objects in it.", "行数组在 JSON 文档中的位置:/data/customers；若文档本身就是一行则为点号。默认为文档本身，或其中第一个对象数组。",
	}},
	{Name: "empty", Type: connectors.String, Default: "null", Enum: []string{"null", "text"}, Doc: fault.Text{
		"What an empty cell is: null, or an empty text.", "空单元格的含义：null 或空文本。",
	}},
	{Name: "short_rows", Type: connectors.String, Default: "refuse", Enum: []string{"refuse", "fill"}, Doc: fault.Text{
		"A row with fewer cells than the header: refuse it, or fill it with empty cells.", "单元格少于表头的行：拒绝，或以空单元格补足。",
	}},
	{Name: "cell_errors", Type: connectors.String, Default: "refuse", Enum: []string{"refuse", "empty"}, Doc: fault.Text{
		"A cell that holds a spreadsheet error such as #N/A: refuse the row, or read the cell as empty.", "含有 #N/A 等电子表格错误的单元格：拒绝该行，或读作空单元格。",
	}},
	{Name: "date_columns", Type: connectors.Strings, Doc: fault.Text{
		"Columns in which a bare number is a date as spreadsheets count days.", "其中的纯数字是电子表格日期序列号的列。",
	}},
	{Name: "date_system", Type: connectors.String, Default: "auto", Enum: []string{"auto", "1900", "1904"}, Doc: fault.Text{
		"The first day of spreadsheet dates; auto is what the workbook says, else 1900.", "电子表格日期的起始年份；auto 取工作簿的设置，否则为 1900。",
	}},
}

// options are the decoded parameters of one connection.
type options struct {
	path        string
	format      string
	encoding    string // canonical name; "" is auto
	compression string
	delimiter   byte // 0 is auto
	quote       byte // quoteAuto, quoteNone or the character
	escape      string
	headerRow   int // headerAuto, 0 for none, or a one-based row
	headerRows  int // 0 is auto
	columns     []string
	sheets      []string
	records     string
	keepEmpty   bool
	fillShort   bool
	emptyErrors bool
	dates       []string
	dateSystem  string
}

const (
	quoteAuto  byte = 0xff
	quoteNone  byte = 0
	headerAuto      = -1
)

// Open checks the parameters; no file is touched.
func (c Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	o := options{
		path: p.Text("path"), format: p.Text("format"), compression: p.Text("compression"), columns: p.List("columns"),
		sheets: p.List("sheet"), records: p.Text("records"), keepEmpty: p.Text("empty") == "text",
		fillShort: p.Text("short_rows") == "fill", emptyErrors: p.Text("cell_errors") == "empty", escape: p.Text("escape"),
		dates: p.List("date_columns"), dateSystem: p.Text("date_system"), headerRows: int(p.Number("header_rows")),
	}
	if len(o.sheets) == 1 && o.sheets[0] == "all" {
		o.sheets = nil
	}
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", "file", "name", name, "want", want)
	}
	enc := strings.ToLower(strings.TrimSpace(p.Text("encoding")))
	if enc != "" && enc != "auto" {
		name, nearest, ok := charset.Name(enc)
		if !ok {
			return nil, fault.New("E2107", cfg.Name, "name", p.Text("encoding"), "nearest", nearest)
		}
		o.encoding = name
	}
	var ok bool
	if o.delimiter, ok = oneCharacter(p.Text("delimiter"), map[string]byte{"": 0, "auto": 0, "tab": '\t', `\t`: '\t', "comma": ',', "semicolon": ';', "pipe": '|'}); !ok {
		return nil, wrong("delimiter", "auto | tab | one character of ASCII")
	}
	if o.quote, ok = oneCharacter(p.Text("quote"), map[string]byte{"": quoteAuto, "auto": quoteAuto, "none": quoteNone}); !ok {
		return nil, wrong("quote", "auto | none | one character of ASCII")
	}
	switch h := p.Text("header_row"); h {
	case "", "auto":
		o.headerRow = headerAuto
	case "none":
		o.headerRow = 0
	default:
		n, err := strconv.Atoi(h)
		if err != nil || n < 0 {
			return nil, wrong("header_row", "auto | none | a row number")
		}
		o.headerRow = n
	}
	if o.headerRows < 0 || o.headerRows > 10 {
		return nil, wrong("header_rows", "1 to 10")
	}
	if o.headerRow == 0 && len(o.columns) == 0 {
		return nil, fault.New("E2002", cfg.Name, "connector", "file", "name", "columns")
	}
	if twice := duplicates(o.columns); len(twice) > 0 {
		return nil, fault.New("E2108", cfg.Name, "names", strings.Join(twice, ", "))
	}
	return &source{cfg: cfg, o: o}, nil
}

func oneCharacter(s string, words map[string]byte) (byte, bool) {
	if b, ok := words[s]; ok {
		return b, true
	}
	if len(s) != 1 || s[0] >= 0x80 || s[0] == '\n' || s[0] == '\r' || s[0] == 0 {
		return 0, false
	}
	return s[0], true
}
