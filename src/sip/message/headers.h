// The headers that the core acts upon, as typed values. Each has parse(value) and write(out); views point
// into the parsed text. Headers of a family that grows get files of their own beside this one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "sip/message/header_id.h"
#include "sip/message/uri.h"

namespace sidetone::sip {

// RFC 3261 §20.42: "SIP/2.0/UDP host:port;branch=..."
struct Via {
  std::string_view transport;  // as written: "UDP"
  std::string_view host;       // IPv6 with brackets
  std::uint16_t port = 0;      // 0: none
  ParamList params;
  [[nodiscard]] std::string_view branch() const { return params.get("branch"); }
  [[nodiscard]] std::string_view received() const { return params.get("received"); }
  [[nodiscard]] bool wants_rport() const { return params.has("rport"); }  // RFC 3581
  static Expected<Via> parse(std::string_view value);
};

// From, To, Contact, Route, Record-Route, Refer-To ...: [display] <uri>;params  (RFC 3261 §20.10)
struct NameAddr {
  std::string_view display;  // without quotes, escapes kept
  Uri uri;
  ParamList params;      // those behind the '>' (or, in the bare form, behind the uri)
  bool is_star = false;  // "Contact: *"
  [[nodiscard]] std::string_view tag() const { return params.get("tag"); }
  static Expected<NameAddr> parse(std::string_view value);
};
// Display names are quoted and escaped when they need it.
[[nodiscard]] std::string write_name_addr(std::string_view display, std::string_view uri,
                                          std::string_view params = {});
// The text of a quoted string's inside: NameAddr::display, quoted parameter values.
[[nodiscard]] std::string unescape_quoted(std::string_view text);

struct CSeq {                // §20.16
  std::uint32_t number = 0;  // < 2^31
  Method method = Method::other;
  std::string_view method_name;
  static Expected<CSeq> parse(std::string_view value);
};

struct RAck {  // RFC 3262 §7.2
  std::uint32_t rseq = 0;
  std::uint32_t cseq = 0;
  Method method = Method::other;
  static Expected<RAck> parse(std::string_view value);
};

struct SessionExpires {  // RFC 4028 §4
  std::chrono::seconds interval{0};
  std::string_view refresher;  // "uac", "uas" or ""
  static Expected<SessionExpires> parse(std::string_view value);
};

struct SubscriptionState {  // RFC 6665 §4.1.3
  std::string_view state;   // "active", "pending", "terminated" or an extension
  std::string_view reason;
  std::optional<std::uint32_t> expires_s;
  std::optional<std::uint32_t> retry_after_s;
  static Expected<SubscriptionState> parse(std::string_view value);
};

struct Reason {               // RFC 3326
  std::string_view protocol;  // "SIP", "Q.850"
  std::optional<int> cause;
  std::string_view text;
  static Expected<Reason> parse(std::string_view value);
};

// Event, Content-Type, Content-Disposition, Refer-Sub, Info-Package ...: token[/token] *(;param)
struct TokenParams {
  std::string_view token;
  ParamList params;
  static Expected<TokenParams> parse(std::string_view value);
};

// Media types compare without case and may have white space around their slash (§25.1 SLASH); `wanted` may
// be "type/*".
[[nodiscard]] bool is_media_type(std::string_view token, std::string_view wanted);

// WWW-Authenticate and friends: scheme and comma-separated parameters (RFC 7616 §3)
struct AuthParams {
  std::string_view scheme;                                            // "Digest"
  std::vector<std::pair<std::string_view, std::string_view>> params;  // values without quotes, escapes kept
  [[nodiscard]] std::string_view get(std::string_view name) const;
  static Expected<AuthParams> parse(std::string_view value);
};

// Expires, Min-Expires, Max-Forwards, Content-Length, RSeq ...: a number that may be followed by params.
[[nodiscard]] Expected<std::uint32_t> parse_delta(std::string_view value, std::string_view header);

// multipart/* (RFC 2046, RFC 5621): at most 16 parts, one level deep (no peer nests session descriptions).
struct BodyPart {
  std::string_view content_type;
  std::string_view content_disposition;
  std::string_view body;
};
[[nodiscard]] Expected<std::vector<BodyPart>> split_multipart(std::string_view content_type,
                                                              std::string_view body);

}  // namespace sidetone::sip
