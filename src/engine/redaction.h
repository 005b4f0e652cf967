// What a SIP trace must not show.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::engine {

// The message with "***" in place of
// - digest credentials: of Authorization and Proxy-Authorization only the parameters that identify (scheme,
//   username, realm, uri, algorithm, qop, nc, opaque) stay; of any other scheme nothing does;
// - values of headers whose names speak of passwords, secrets, tokens, API keys or cookies;
// - SRTP keys (a=crypto inline, k=) and ICE passwords in session descriptions;
// - passwords inside SIP URIs (RFC 3261 §19.1.1).
// Works line by line on whatever came, well formed or not. Control characters other than line ends and tabs
// become "\xNN", so that a peer cannot write to the terminal of who reads the log.
[[nodiscard]] std::string redacted(std::string_view message);

}  // namespace sidetone::engine
