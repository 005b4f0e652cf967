// Refer-To (RFC 3515 §2.1): whom to contact, by which method, with which headers. The headers come from
// somebody else and go into a request of ours: only those that a transfer needs are taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip/message/header_id.h"
#include "sip/stack_types.h"

namespace sidetone::sip {

struct ReferTo {
  std::string uri;  // without method and headers
  std::string display;
  Method method = Method::invite;
  std::string method_name = "INVITE";
  std::string replaces;              // RFC 3891, unescaped; empty: none
  std::vector<ExtraHeader> headers;  // the others that may be taken over, unescaped
  bool headers_ignored = false;      // there were some that may not

  static Expected<ReferTo> parse(std::string_view value);
  // The URI with method and headers, escaped (RFC 3261 §19.1.1).
  [[nodiscard]] std::string to_uri() const;
};

}  // namespace sidetone::sip
