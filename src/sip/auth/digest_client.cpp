#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/auth/digest.h"
#include "sip/auth/response_value.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// Bound: one session per realm; real servers and proxies in one path are two or three.
constexpr std::size_t sessions_max = 8;

std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

HeaderId credentials_header(bool proxy) {
  return proxy ? HeaderId::proxy_authorization : HeaderId::authorization;
}

// How the refused request had authenticated itself for this realm.
struct Tried {
  bool any = false;
  std::string nonce;
  bool reused = false;  // the nonce had been good before, so a new one without "stale" is no refusal
};

Tried tried(const Message& request, bool proxy, std::string_view realm) {
  for (const auto value : request.values(credentials_header(proxy))) {
    const auto auth = AuthParams::parse(value);
    if (!auth || auth->get("realm") != realm) continue;
    const auto nc = auth->get("nc");
    return {true, std::string(auth->get("nonce")), !nc.empty() && nc != "00000001"};
  }
  return {};
}

}  // namespace

bool DigestClient::accept(Session fresh, const Message& refused) {
  auto& challenge = fresh.challenge;
  const auto same = [&](const Session& session) {
    return session.proxy == fresh.proxy && session.challenge.realm == challenge.realm;
  };
  const auto known = std::find_if(sessions_.begin(), sessions_.end(), same);
  const Tried before = tried(refused, fresh.proxy, challenge.realm);
  if (before.any) {
    // The direct answer to a challenge was refused: the password is wrong. "stale" says that it is right
    // (RFC 7616 §3.3), which is believed once in a row.
    if (!challenge.stale && (before.nonce == challenge.nonce || !before.reused)) return false;
    if (challenge.stale && !before.reused && known != sessions_.end() && known->challenge.stale) return false;
  }
  if (known != sessions_.end()) {
    // Another request has answered this very nonce already: nc goes on (RFC 7616 §3.4).
    if (known->challenge.nonce == challenge.nonce) fresh.nonce_count = known->nonce_count;
    *known = std::move(fresh);
    return true;
  }
  if (sessions_.size() >= sessions_max) sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(fresh));
  return true;
}

bool DigestClient::answer(const Message& response, const Credentials& credentials, Message& request,
                          Random& random) {
  bool answered = false;
  for (const bool proxy : {false, true}) {
    // RFC 8760 §2.4 leaves the choice to us where the server has no preference that binds: the strongest of
    // each realm.
    std::vector<Challenge> best;
    const auto header = proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate;
    for (const auto value : response.values(header)) {
      auto challenge = read_challenge(value);
      if (!challenge || challenge->algorithm < credentials.algorithm_min) continue;
      if (!credentials.realm.empty() && challenge->realm != credentials.realm) continue;
      const auto rival = std::find_if(
          best.begin(), best.end(), [&](const Challenge& other) { return other.realm == challenge->realm; });
      if (rival == best.end())
        best.push_back(std::move(*challenge));
      else if (challenge->algorithm > rival->algorithm)
        *rival = std::move(*challenge);
    }
    for (auto& challenge : best) {
      if (!accept({std::move(challenge), proxy, 0, {}}, request)) return false;
      answered = true;
    }
  }
  if (answered) authorize(credentials, request, random);
  return answered;
}

void DigestClient::authorize(const Credentials& credentials, Message& request, Random& random) {
  if (sessions_.empty()) return;
  request.remove(HeaderId::authorization);
  request.remove(HeaderId::proxy_authorization);
  for (auto& session : sessions_) {
    if (!credentials.realm.empty() && session.challenge.realm != credentials.realm) continue;
    request.add(credentials_header(session.proxy), write(session, credentials, request, random));
  }
}

std::string DigestClient::write(Session& session, const Credentials& credentials, const Message& request,
                                Random& random) {
  const auto& challenge = session.challenge;
  const std::string nc = fmt::format("{:08x}", ++session.nonce_count);
  const bool needs_cnonce = !challenge.qop.empty() || challenge.session_key;
  // A -sess key is bound to one cnonce per nonce (RFC 7616 §3.4.2).
  if (session.cnonce.empty() || !challenge.session_key) session.cnonce = needs_cnonce ? random.token(16) : "";
  const std::string response = digest_response({.algorithm = challenge.algorithm,
                                                .session = challenge.session_key,
                                                .user = credentials.user,
                                                .realm = challenge.realm,
                                                .nonce = challenge.nonce,
                                                .cnonce = session.cnonce,
                                                .nc = nc,
                                                .uri = request.request_uri(),
                                                .method = request.method_name(),
                                                .body = request.body(),
                                                .qop = challenge.qop},
                                               credentials.password);
  // RFC 7616 §3.4.4: who reads along does not learn the name.
  const std::string user =
      challenge.userhash
          ? digest_hex(challenge.algorithm, fmt::format("{}:{}", credentials.user, challenge.realm))
          : credentials.user;
  // Values of the challenge are echoed with the escapes that they came with.
  std::string out =
      fmt::format("Digest username={}, realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
                  quoted_text(user), challenge.realm, challenge.nonce, request.request_uri(), response);
  if (challenge.userhash) out += ", userhash=true";
  if (!challenge.algorithm_text.empty()) out += ", algorithm=" + challenge.algorithm_text;
  if (needs_cnonce) out += fmt::format(", cnonce=\"{}\"", session.cnonce);
  if (!challenge.opaque.empty()) out += fmt::format(", opaque=\"{}\"", challenge.opaque);
  if (!challenge.qop.empty()) out += fmt::format(", qop={}, nc={}", challenge.qop, nc);
  return out;
}

DigestClient::Proof DigestClient::take_info(const Message& response, const Credentials& credentials,
                                            const Message& request) {
  const auto info = read_authentication_info(response);
  if (!info) return Proof::none;
  for (const auto value : request.values(HeaderId::authorization)) {
    const auto auth = AuthParams::parse(value);
    const auto session = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session& each) {
      return auth && !each.proxy && each.challenge.realm == auth->get("realm");
    });
    if (session == sessions_.end()) continue;
    auto& challenge = session->challenge;
    // A2 is ":" and the URI: the same formula with an empty method and the response's body.
    const auto expected = digest_response({.algorithm = challenge.algorithm,
                                           .session = challenge.session_key,
                                           .user = credentials.user,
                                           .realm = challenge.realm,
                                           .nonce = auth->get("nonce"),
                                           .cnonce = auth->get("cnonce"),
                                           .nc = auth->get("nc"),
                                           .uri = auth->get("uri"),
                                           .method = {},
                                           .body = response.body(),
                                           .qop = auth->get("qop")},
                                          credentials.password);
    if (!info->rspauth.empty() && !iequals(info->rspauth, expected)) return Proof::wrong;
    // Another request may have been challenged anew meanwhile; its nonce is the younger one.
    if (!info->nextnonce.empty() && challenge.nonce == auth->get("nonce")) {
      challenge.nonce = info->nextnonce;
      session->nonce_count = 0;
      session->cnonce.clear();
    }
    return info->rspauth.empty() ? Proof::none : Proof::right;
  }
  return Proof::none;
}

void DigestClient::forget() { sessions_.clear(); }

}  // namespace sidetone::sip
