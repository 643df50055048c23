import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

// Prints the signature vectors of connectors/sfexpress, as SF's kit for Java
// makes them: java.net.URLEncoder, MD5, base64.
//
//     java tools/vectors/SFDigest.java > connectors/sfexpress/testdata/vectors.json
class SFDigest {
    static final String STAMP = "1772418600000", WORD = "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci";

    public static void main(String[] args) throws Exception {
        String[] messages = {
            "{\"language\":\"zh-CN\",\"trackingType\":\"1\",\"trackingNumber\":[\"SF1234567890123\"],\"methodType\":\"1\"}",
            "{\"address\":\"广东省深圳市南山区 软件园 1-7#\"}",
            "a b*c~d_e-f.g",
            "!'()@:$&,;=+?/%\\\"\t\n",
            "茶, 250 克 😀 é",
        };
        StringBuilder out = new StringBuilder("{\n \"origin\": \"java.net.URLEncoder of Java " + Runtime.version().feature() + ", tools/vectors/SFDigest.java\",\n \"timestamp\": \"" + STAMP + "\",\n \"check_word\": \"" + WORD + "\",\n \"vectors\": [\n");
        for (int i = 0; i < messages.length; i++) {
            String encoded = URLEncoder.encode(messages[i] + STAMP + WORD, StandardCharsets.UTF_8);
            byte[] sum = MessageDigest.getInstance("MD5").digest(encoded.getBytes(StandardCharsets.UTF_8));
            String message = Base64.getEncoder().encodeToString(messages[i].getBytes(StandardCharsets.UTF_8));
            out.append("  {\"message_base64\": \"").append(message).append("\", \"digest\": \"").append(Base64.getEncoder().encodeToString(sum)).append(i + 1 < messages.length ? "\"},\n" : "\"}\n");
        }
        System.out.print(out.append(" ]\n}\n"));
    }
}
