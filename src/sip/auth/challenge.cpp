#include "sip/auth/challenge.h"

#include "base/text.h"
#include "sip/auth/response_value.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// RFC 7616 §3.3: qop-options is a quoted list. "auth" before "auth-int": bodies are rewritten on the way by
// session border controllers. Nothing when there is a list in which we know no item.
std::optional<std::string> choose_qop(std::string_view options) {
  if (trim(options).empty()) return std::string{};
  bool integrity = false;
  while (!options.empty()) {
    const auto option = trim(take_until(options, ','));
    if (iequals(option, "auth")) return "auth";
    integrity = integrity || iequals(option, "auth-int");
  }
  if (integrity) return "auth-int";
  return std::nullopt;
}

}  // namespace

std::optional<Challenge> read_challenge(std::string_view value) {
  const auto auth = AuthParams::parse(value);
  if (!auth || !iequals(auth->scheme, "Digest")) return std::nullopt;
  const auto algorithm = find_algorithm(auth->get("algorithm"));
  const auto qop = choose_qop(auth->get("qop"));
  if (!algorithm || !qop || auth->get("nonce").empty()) return std::nullopt;
  Challenge challenge;
  challenge.realm = auth->get("realm");
  challenge.nonce = auth->get("nonce");
  challenge.opaque = auth->get("opaque");
  challenge.qop = *qop;
  challenge.algorithm_text = auth->get("algorithm");
  challenge.algorithm = algorithm->algorithm;
  challenge.session_key = algorithm->session;
  challenge.stale = iequals(auth->get("stale"), "true");
  challenge.userhash = iequals(auth->get("userhash"), "true");
  return challenge;
}

// It has no scheme (RFC 3261 §20.6: ainfo), all else is as in a challenge.
std::optional<AuthenticationInfo> read_authentication_info(const Message& response) {
  std::string text = "Digest ";
  for (const auto value : response.values(HeaderId::authentication_info)) {
    if (text.size() > 7) text += ", ";
    text += value;
  }
  const auto info = AuthParams::parse(text);
  if (text.size() == 7 || !info) return std::nullopt;
  return AuthenticationInfo{std::string(info->get("nextnonce")), std::string(info->get("rspauth"))};
}

}  // namespace sidetone::sip
