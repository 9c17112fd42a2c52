// The signature of the haochaping interface in one file; needs Java 11 and nothing else.
// Try it: java Haochaping.java https://hcp.example.gov.cn KEY-ID SECRET /api/v1/evaluations '{"project_no": …}'
// Check the vectors: java Haochaping.java ../vectors.json
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Haochaping {
  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte each : bytes) text.append(String.format("%02x", each));
    return text.toString();
  }

  /** What is signed: eight lines, as docs/integrate/signing.md has it. */
  static String text(String method, String path, String query, byte[] body, String time, String nonce, String kid) throws Exception {
    List<String> pairs = new ArrayList<>();
    for (String pair : query.isEmpty() ? new String[0] : query.split("&")) pairs.add(URLDecoder.decode(pair, StandardCharsets.UTF_8));
    pairs.sort(Comparator.comparing(pair -> pair.split("=", 2)[0]));
    String digest = hex(MessageDigest.getInstance("SHA-256").digest(body));
    return String.join("\n", "HCP1", method, path, String.join("&", pairs), digest, time, nonce, kid);
  }

  static String sign(String secret, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return hex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  public static void main(String[] given) throws Exception {
    if (given.length == 1) {
      check(Files.readString(Path.of(given[0])));
      return;
    }
    byte[] body = given[4].getBytes(StandardCharsets.UTF_8);
    byte[] random = new byte[12];
    new SecureRandom().nextBytes(random);
    String time = String.valueOf(Instant.now().getEpochSecond());
    String nonce = hex(random);
    HttpRequest request = HttpRequest.newBuilder(URI.create(given[0] + given[3]))
        .header("Content-Type", "application/json")
        .header("X-HCP-Key", given[1])
        .header("X-HCP-Time", time)
        .header("X-HCP-Nonce", nonce)
        .header("X-HCP-Signature", sign(given[2], text("POST", given[3], "", body, time, nonce, given[1])))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
    HttpResponse<String> answer = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(answer.statusCode() + " " + answer.body());
    if (answer.statusCode() >= 400) System.exit(1);
  }

  private static void check(String vectors) throws Exception {
    int good = 0;
    for (String part : vectors.split("\\},")) {
      if (!field(part, "algorithm").equals("sha256")) continue;
      String text = text(field(part, "method"), field(part, "path"), field(part, "query"), field(part, "body").getBytes(StandardCharsets.UTF_8),
          field(part, "time"), field(part, "nonce"), field(part, "kid"));
      if (!text.equals(field(part, "text")) || !sign(field(part, "secret"), text).equals(field(part, "signature"))) throw new AssertionError(text);
      good++;
    }
    System.out.println(good + " vectors agree");
  }

  private static String field(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\": \"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
    if (!found.find()) throw new IllegalArgumentException(name);
    return found.group(1).replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
  }
}
