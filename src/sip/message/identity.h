// Who calls: P-Asserted-Identity and P-Preferred-Identity (RFC 3325), Privacy (RFC 3323), Remote-Party-ID
// (the expired draft that gateways still speak), From. Asserted is only what came from a server that the line
// trusts (RFC 3325 §5): who asks says whether it did.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

// RFC 3323 §4.2, RFC 3325 §9.3. Words that nobody knows are skipped.
struct Privacy {
  bool none = false, user = false, header = false, session = false, id = false, critical = false;
  [[nodiscard]] bool hides_identity() const { return !none && (id || user || header); }
  static Privacy of(const Message& message);
};

// The values of P-Asserted-Identity or P-Preferred-Identity as RFC 3325 §9.1 allows them: one sip, sips or
// tel URI, or one of sip(s) and one tel. A second one of a kind is skipped, as are other schemes.
[[nodiscard]] std::vector<NameAddr> identities(const Message& message, HeaderId header);

struct CallerIdentity {
  std::string display, uri;  // as text, display without quotes and escapes
  bool asserted = false;     // by the network, not by the caller
  bool anonymous = false;    // wants not to be shown: display and uri say so, too
};

// Of a request or, for the called side, a response. `trusted`: it came from a server of the line. The tel URI
// of two identities is passed over for the SIP one, which can be called back through the same server.
[[nodiscard]] CallerIdentity caller_of(const Message& message, bool trusted);

// The From of somebody who does not want to be known (RFC 3323 §4.1.1.3).
inline constexpr std::string_view anonymous_display = "Anonymous";
inline constexpr std::string_view anonymous_uri = "sip:anonymous@anonymous.invalid";
[[nodiscard]] bool is_anonymous(const Uri& uri);

}  // namespace sidetone::sip
