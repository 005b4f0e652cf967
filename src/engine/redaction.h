// What a SIP trace must not show.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::engine {

struct RedactionRules {
  // log_filter=dtmf: each digit in a DTMF body (INFO's application/dtmf-relay, its twins of vendors and
  // application/dtmf, a NOTIFY's Event: dtmf) is shown as x.
  bool hide_digits = false;
  // Of user parts of SIP and tel URIs, user names of digests and digits in display names only the last two
  // characters are shown.
  bool hide_numbers = false;
};

// The message with "***" in place of
// - digest credentials: of Authorization and Proxy-Authorization only the parameters that identify (scheme,
//   username, realm, uri, algorithm, qop, nc, opaque) stay; of any other scheme nothing does; the same for
//   the server's proof in Authentication-Info;
// - values of headers whose names speak of passwords, secrets, tokens, API keys or cookies;
// - SRTP keys (a=crypto inline, k=) and ICE passwords in session descriptions;
// - passwords inside SIP URIs (RFC 3261 §19.1.1), and what their headers and parameters carry of credentials
//   (a Refer-To with "?Authorization=...").
// - the same in JSON (json_redaction.h).
// Works line by line on whatever came, well formed or not. Control characters other than line ends and tabs
// become "\xNN", so that a peer cannot write to the terminal of who reads the log.
[[nodiscard]] std::string redacted(std::string_view message, RedactionRules rules = {});

}  // namespace sidetone::engine
