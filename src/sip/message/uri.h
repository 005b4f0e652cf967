// SIP, SIPS and TEL URIs (RFC 3261 §19.1, RFC 3966 as pass-through). A Uri is a set of views into the text
// that it was parsed from; keep the text alive or keep the text itself (to_string()).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/expected.h"

namespace sidetone::sip {

// A list ";name=value;name" whose order is kept; values may be absent. Views into the source.
class ParamList {
 public:
  ParamList() = default;
  // `text` starts with ';' or is empty; it has been checked by the parser that made it.
  explicit ParamList(std::string_view text) : text_(text) {}
  // The same of a URI, where names may hold %HH escapes (RFC 4475 §3.1.1.3).
  static ParamList of_uri(std::string_view text) {
    ParamList list(text);
    list.in_uri_ = true;
    return list;
  }

  [[nodiscard]] bool has(std::string_view name) const;
  // Empty when absent or without value (has() tells the two apart); quotes are taken off, escapes are not.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  // Walks the parameters in order: name and value (without quotes).
  class Cursor {
   public:
    explicit Cursor(std::string_view text) : rest_(text) {}
    std::optional<std::pair<std::string_view, std::string_view>> next();

   private:
    std::string_view rest_;
  };
  [[nodiscard]] Cursor cursor() const { return Cursor(text_); }

 private:
  bool find(std::string_view name, std::string_view& value) const;

  std::string_view text_;
  bool in_uri_ = false;
};

struct Uri {
  enum class Scheme : std::uint8_t { sip, sips, tel, other };
  Scheme scheme = Scheme::sip;
  std::string_view scheme_text;  // as written
  std::string_view user;         // escaped as written; empty when absent; tel: the number
  std::string_view password;     // RFC 3261 §19.1.1 discourages it; parsed to be dropped
  std::string_view host;         // IPv6 with its brackets
  std::uint16_t port = 0;        // 0: none given
  ParamList params;
  std::string_view headers;  // after '?', without it
  std::string_view text;     // the whole

  // At most 4,096 characters (bound: nothing longer fits a UDP request that we would send).
  static Expected<Uri> parse(std::string_view text);
  // RFC 3261 §19.1.4 equality: %HH decoded, host and scheme without case, transport/user/ttl/method/maddr
  // must match when in either, others when in both, headers as sets.
  [[nodiscard]] bool equivalent(const Uri& other) const;
  // "tcp", "tls", "udp" in lower case or "" from the transport parameter.
  [[nodiscard]] std::string_view transport() const { return params.get("transport"); }
  [[nodiscard]] bool is_loose_route() const { return params.has("lr"); }
};

// %HH decoding, and escaping of what the user part may not hold (RFC 3261 §25.1 user).
[[nodiscard]] std::string unescape(std::string_view text);
[[nodiscard]] std::string escape_user(std::string_view text);

}  // namespace sidetone::sip
