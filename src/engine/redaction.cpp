#include "engine/redaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/secret.h"
#include "base/text.h"
#include "engine/json_redaction.h"

namespace sidetone::engine {
namespace {

constexpr std::string_view hidden = "***";

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto at = std::search(text.begin(), text.end(), part.begin(), part.end(),
                              [](char a, char b) { return ascii_lower(a) == b; });
  return at != text.end();
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return iequals(text.substr(0, start.size()), start);
}

bool is_secret_header(std::string_view name) {
  static constexpr std::array words{"password", "passwd", "secret", "token", "api-key", "apikey", "cookie"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return contains_ignoring_case(name, word); });
}

bool may_be_shown(std::string_view parameter) {
  static constexpr std::array names{"username", "realm", "uri", "algorithm", "qop", "nc", "opaque"};
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return iequals(parameter, name); });
}

// A token or exactly one quoted string. Anything else could hide another parameter in it.
bool is_plain_value(std::string_view value) {
  const auto quote = value.find('"');
  if (quote == std::string_view::npos) return true;
  if (quote != 0) return false;
  for (std::size_t i = 1; i < value.size(); ++i) {
    if (value[i] == '\\')
      ++i;
    else if (value[i] == '"')
      return i + 1 == value.size();
  }
  return false;
}

// The end of one parameter: a comma outside quotes. An unclosed quote takes all that follows with it.
std::size_t parameter_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ',' && !quoted)
      return i;
  }
  return text.size();
}

void append_digest_parameters(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = parameter_end(text);
    const auto parameter = text.substr(0, end);
    const auto equals = parameter.find('=');
    const auto name = trim(parameter.substr(0, equals));
    const auto value = equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    const bool shown = may_be_shown(name) && is_plain_value(trim(value));
    if (equals != std::string_view::npos && !shown) {
      out += parameter.substr(0, equals + 1);
      out += hidden;
    } else if (equals == std::string_view::npos && !name.empty()) {
      out += hidden;  // not a parameter: who knows what
    } else {
      out += parameter;
    }
    if (end < text.size()) out += ',';
    text = text.substr(std::min(end + 1, text.size()));
  }
}

void append_credentials(std::string& out, std::string_view value) {
  const auto start = std::min(value.find_first_not_of(" \t\r\n"), value.size());
  out += value.substr(0, start);
  value = value.substr(start);
  constexpr std::string_view digest = "Digest";
  if (!starts_with_ignoring_case(value, digest)) {
    if (!value.empty()) out += hidden;
    return;
  }
  out += value.substr(0, digest.size());
  append_digest_parameters(out, value.substr(digest.size()));
}

void append_byte(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if ((byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f)
    out += fmt::format("\\x{:02x}", byte);
  else
    out += c;
}

// The password of "sip:user:password@host" in `text`, as [begin, end); begin == end: none.
std::pair<std::size_t, std::size_t> uri_password(std::string_view text) {
  const auto end = text.find_first_of(" \t\r\n<>\"");
  const auto part = text.substr(0, end);
  const auto at = part.find('@');
  const auto colon = part.substr(0, at).find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos) return {0, 0};
  return {colon + 1, at};
}

std::size_t scheme_length(std::string_view text) {
  if (starts_with_ignoring_case(text, "sips:")) return 5;
  return starts_with_ignoring_case(text, "sip:") ? 4 : 0;
}

// "Authorization=..." among the headers or parameters of a URI: the length of the name with its "=", or 0.
std::size_t secret_assignment(std::string_view text) {
  static constexpr std::array names{"authorization=", "password=", "passwd=", "secret=", "response="};
  for (const std::string_view name : names)
    if (starts_with_ignoring_case(text, name)) return name.size();
  return 0;
}

void append_text(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (const auto name = secret_assignment(text.substr(i)); name != 0) {
      out += text.substr(i, name);
      out += hidden;
      i = std::min(text.find_first_of("&;>, \t\r\n", i + name), text.size());
      continue;
    }
    const auto scheme = scheme_length(text.substr(i));
    if (scheme == 0) {
      append_byte(out, text[i++]);
      continue;
    }
    const auto [begin, end] = uri_password(text.substr(i + scheme));
    for (const char c : text.substr(i, scheme + begin)) append_byte(out, c);
    i += scheme + end;
    if (begin < end) out += hidden;
  }
}

// "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|..." (RFC 4568 §9.1): all after "inline:" goes.
bool append_description_secret(std::string& out, std::string_view line) {
  std::size_t keep = 0;
  if (starts_with_ignoring_case(line, "a=crypto:")) {
    const auto at = line.find("inline:");
    keep = at == std::string_view::npos ? 9 : at + 7;
  } else if (starts_with_ignoring_case(line, "a=ice-pwd:")) {
    keep = 10;
  } else if (starts_with_ignoring_case(line, "k=")) {
    keep = 2;
  } else {
    return false;
  }
  append_text(out, line.substr(0, keep));
  out += hidden;
  return true;
}

void append_line(std::string& out, std::string_view line) {
  if (append_description_secret(out, line)) return;
  const auto colon = line.find(':');
  const auto name = trim(line.substr(0, colon));
  const bool is_header = colon != std::string_view::npos && name.find_first_of(" \t=;<\"") == name.npos;
  if (is_header && iequals(name, "Authentication-Info")) {
    out += line.substr(0, colon + 1);
    std::string proof;
    append_digest_parameters(proof, line.substr(colon + 1));
    append_text(out, proof);
  } else if (is_header && (iequals(name, "Authorization") || iequals(name, "Proxy-Authorization"))) {
    out += line.substr(0, colon + 1);
    std::string credentials;
    append_credentials(credentials, line.substr(colon + 1));
    append_text(out, credentials);
  } else if (is_header && (is_secret_header(name) || contains_ignoring_case(name, "authorization"))) {
    append_text(out, line.substr(0, colon + 1));
    out += " ";
    out += hidden;
  } else {
    append_text(out, line);
  }
}

// One line with the lines that continue it (RFC 3261 §7.3.1), without the last line end.
std::size_t folded_line_length(std::string_view text) {
  std::size_t end = text.find_first_of("\r\n");
  while (end != std::string_view::npos) {
    const std::size_t next = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
    // An empty line ends the headers: blanks that begin the body continue nothing.
    if (end == 0 || next >= text.size() || (text[next] != ' ' && text[next] != '\t')) return end;
    end = text.find_first_of("\r\n", next);
  }
  return text.size();
}

// --- numbers

bool ends_user(char c) { return c == '@' || c == ':' || c == ';' || c == '>' || c == ',' || c == '?'; }

// Everything between "sip:" and "@", and behind "tel:", but for its last two characters.
void mask_users(std::string& line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view rest = std::string_view(line).substr(i);
    const bool is_tel = starts_with_ignoring_case(rest, "tel:");
    const auto scheme = is_tel ? 4 : scheme_length(rest);
    if (scheme == 0) continue;
    std::size_t end = i + scheme;
    while (end < line.size() && !ends_user(line[end]) && line[end] != ' ') ++end;
    const auto at = line.find('@', i);
    const bool has_user = is_tel || (at != std::string::npos && at <= line.find_first_of(" ><,", i + scheme));
    if (has_user)
      line.replace(i + scheme, end - i - scheme, masked(line.substr(i + scheme, end - i - scheme)));
    i = end;
  }
}

// Digits in quoted strings: display names, and the user name of a digest.
void mask_quoted(std::string& line) {
  for (std::size_t open = line.find('"'); open != std::string::npos; open = line.find('"', open)) {
    const auto close = std::min(line.find('"', open + 1), line.size());
    std::size_t digits = 0;
    for (std::size_t i = close; i-- > open + 1;)
      if (line[i] >= '0' && line[i] <= '9' && ++digits > 2) line[i] = '*';
    open = std::min(close + 1, line.size());
  }
}

bool names_people(std::string_view line) {
  const auto name = trim(line.substr(0, line.find(':')));
  static constexpr std::array others{"Authorization", "Proxy-Authorization"};
  return line.find("sip:") != line.npos || line.find("tel:") != line.npos ||
         std::any_of(others.begin(), others.end(), [&](const char* other) { return iequals(name, other); });
}

// --- digits

bool announces_digits(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return false;
  const auto name = trim(line.substr(0, colon));
  const auto value = trim(line.substr(colon + 1));
  if (iequals(name, "Content-Type") || iequals(name, "c"))  // all that info_digit.h reads, and its kin
    return starts_with_ignoring_case(value, "application/dtmf") ||
           starts_with_ignoring_case(value, "audio/telephone-event") ||
           (starts_with_ignoring_case(value, "application/vnd.") &&
            (contains_ignoring_case(value, "digits") || contains_ignoring_case(value, "dtmf")));
  return (iequals(name, "Event") || iequals(name, "o")) && starts_with_ignoring_case(value, "dtmf");
}

void mask_digits(std::string& line) {
  if (starts_with_ignoring_case(line, "Duration")) return;
  const auto equals = line.find('=');
  for (std::size_t i = equals == std::string::npos ? 0 : equals + 1; i < line.size(); ++i)
    if (std::string_view("0123456789*#ABCDabcd").find(line[i]) != std::string_view::npos) line[i] = 'x';
}

}  // namespace

std::string redacted(std::string_view message, RedactionRules rules) {
  std::string out;
  out.reserve(message.size() + 16);
  bool digits_follow = false, in_body = false;
  while (!message.empty()) {
    const auto length = folded_line_length(message);
    const auto line = message.substr(0, length);
    std::string shown;
    append_line(shown, line);
    if (line.find("\":") != line.npos || line.find("\" :") != line.npos)
      redact_json(shown, rules.hide_digits);
    if (rules.hide_numbers && names_people(line)) {
      mask_users(shown);
      mask_quoted(shown);
    }
    if (rules.hide_digits && !in_body) digits_follow = digits_follow || announces_digits(line);
    if (in_body && digits_follow) mask_digits(shown);
    out += shown;
    message.remove_prefix(length);
    std::size_t line_feeds = 0;
    while (!message.empty() && (message.front() == '\r' || message.front() == '\n')) {
      line_feeds += message.front() == '\n' ? 1 : 0;
      out += message.front();
      message.remove_prefix(1);
    }
    in_body = in_body || line_feeds > 1;
  }
  return out;
}

}  // namespace sidetone::engine
