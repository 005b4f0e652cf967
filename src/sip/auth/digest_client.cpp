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

std::optional<DigestClient::Session> DigestClient::read_challenge(std::string_view value, bool proxy,
                                                                  const Credentials& credentials) {
  const auto auth = AuthParams::parse(value);
  if (!auth || !iequals(auth->scheme, "Digest")) return std::nullopt;
  const auto algorithm = find_algorithm(auth->get("algorithm"));
  const auto qop = choose_qop(auth->get("qop"));
  if (!algorithm || !qop || auth->get("nonce").empty()) return std::nullopt;
  if (!credentials.realm.empty() && auth->get("realm") != credentials.realm) return std::nullopt;
  Session session;
  session.proxy = proxy;
  session.realm = auth->get("realm");
  session.nonce = auth->get("nonce");
  session.opaque = auth->get("opaque");
  session.qop = *qop;
  session.algorithm_text = auth->get("algorithm");
  session.algorithm = algorithm->algorithm;
  session.session_key = algorithm->session;
  session.stale = iequals(auth->get("stale"), "true");
  return session;
}

bool DigestClient::accept(Session challenge, const Message& refused) {
  const auto same = [&](const Session& session) {
    return session.proxy == challenge.proxy && session.realm == challenge.realm;
  };
  const auto known = std::find_if(sessions_.begin(), sessions_.end(), same);
  const Tried before = tried(refused, challenge.proxy, challenge.realm);
  if (before.any) {
    // The direct answer to a challenge was refused: the password is wrong. "stale" says that it is right
    // (RFC 7616 §3.3), which is believed once in a row.
    if (!challenge.stale && (before.nonce == challenge.nonce || !before.reused)) return false;
    if (challenge.stale && !before.reused && known != sessions_.end() && known->stale) return false;
  }
  if (known != sessions_.end()) {
    // Another request has answered this very nonce already: nc goes on (RFC 7616 §3.4).
    if (known->nonce == challenge.nonce) challenge.nonce_count = known->nonce_count;
    *known = std::move(challenge);
    return true;
  }
  if (sessions_.size() >= sessions_max) sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(challenge));
  return true;
}

bool DigestClient::answer(const Message& response, const Credentials& credentials, Message& request,
                          Random& random) {
  bool answered = false;
  for (const bool proxy : {false, true}) {
    // RFC 8760 §2.4 leaves the choice to us where the server has no preference that binds: the strongest of
    // each realm.
    std::vector<Session> best;
    const auto header = proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate;
    for (const auto value : response.values(header)) {
      auto challenge = read_challenge(value, proxy, credentials);
      if (!challenge) continue;
      const auto rival = std::find_if(best.begin(), best.end(), [&](const Session& session) {
        return session.realm == challenge->realm;
      });
      if (rival == best.end())
        best.push_back(std::move(*challenge));
      else if (challenge->algorithm > rival->algorithm)
        *rival = std::move(*challenge);
    }
    for (auto& challenge : best) {
      if (!accept(std::move(challenge), request)) return false;
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
    if (!credentials.realm.empty() && session.realm != credentials.realm) continue;
    request.add(credentials_header(session.proxy), write(session, credentials, request, random));
  }
}

std::string DigestClient::write(Session& session, const Credentials& credentials, const Message& request,
                                Random& random) {
  const std::string nc = fmt::format("{:08x}", ++session.nonce_count);
  const bool needs_cnonce = !session.qop.empty() || session.session_key;
  // A -sess key is bound to one cnonce per nonce (RFC 7616 §3.4.2).
  if (session.cnonce.empty() || !session.session_key) session.cnonce = needs_cnonce ? random.token(16) : "";
  const std::string response = digest_response({.algorithm = session.algorithm,
                                                .session = session.session_key,
                                                .user = credentials.user,
                                                .realm = session.realm,
                                                .nonce = session.nonce,
                                                .cnonce = session.cnonce,
                                                .nc = nc,
                                                .uri = request.request_uri(),
                                                .method = request.method_name(),
                                                .body = request.body(),
                                                .qop = session.qop},
                                               credentials.password);
  // Values of the challenge are echoed with the escapes that they came with.
  std::string out =
      fmt::format("Digest username={}, realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
                  quoted_text(credentials.user), session.realm, session.nonce, request.request_uri(), response);
  if (!session.algorithm_text.empty()) out += ", algorithm=" + session.algorithm_text;
  if (needs_cnonce) out += fmt::format(", cnonce=\"{}\"", session.cnonce);
  if (!session.opaque.empty()) out += fmt::format(", opaque=\"{}\"", session.opaque);
  if (!session.qop.empty()) out += fmt::format(", qop={}, nc={}", session.qop, nc);
  return out;
}

void DigestClient::forget() { sessions_.clear(); }

}  // namespace sidetone::sip
