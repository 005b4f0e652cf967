#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/auth/digest.h"
#include "sip/auth/response_value.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// Long enough for the refreshes of a registration in between, short enough to limit replay (RFC 7616 §5.4).
constexpr Duration nonce_life = std::chrono::minutes(5);

// The time of comparison must not tell how many characters were right.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(ascii_lower(a[i])) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

// RFC 7616 §3.3: time and a hash of time and a private key. Nothing has to be stored per client.
std::string make_nonce(std::uint64_t time_us, std::string_view realm, std::string_view key) {
  const std::string time = fmt::format("{:016x}", time_us);
  return time + digest_hex(DigestAlgorithm::sha256, fmt::format("{}:{}:{}:{}", key, time, realm, key));
}

std::uint64_t microseconds(Time now) { return static_cast<std::uint64_t>(now.time_since_epoch().count()); }

bool is_fresh(std::string_view nonce, std::string_view realm, std::string_view key, Time now) {
  std::uint64_t made = 0;
  if (nonce.size() < 16) return false;
  const auto [end, error] = std::from_chars(nonce.data(), nonce.data() + 16, made, 16);
  if (error != std::errc{} || end != nonce.data() + 16) return false;
  if (!equal_in_constant_time(nonce, make_nonce(made, realm, key))) return false;
  const std::uint64_t at = microseconds(now);
  return made <= at && at - made <= static_cast<std::uint64_t>(nonce_life.count());
}

HeaderId credentials_header(bool proxy) {
  return proxy ? HeaderId::proxy_authorization : HeaderId::authorization;
}

}  // namespace

DigestServer::DigestServer(std::string realm, std::vector<DigestAlgorithm> algorithms, std::string nonce_key)
    : realm_(std::move(realm)), algorithms_(std::move(algorithms)), nonce_key_(std::move(nonce_key)) {
  std::sort(algorithms_.rbegin(), algorithms_.rend());
}

void DigestServer::challenge(Message& response, bool proxy, bool stale, Time now) const {
  const auto header = proxy ? HeaderId::proxy_authenticate : HeaderId::www_authenticate;
  const std::string nonce = make_nonce(microseconds(now), realm_, nonce_key_);
  for (const auto algorithm : algorithms_)  // RFC 8760 §2.3: most preferred first
    response.add(header,
                 fmt::format("Digest realm=\"{}\", nonce=\"{}\"{}, algorithm={}, qop=\"auth,auth-int\"",
                             realm_, nonce, stale ? ", stale=true" : "", to_string(algorithm)));
}

DigestServer::Verdict DigestServer::verify(const Message& request, bool proxy, std::string_view user,
                                           const Secret<std::string>& password, Time now) const {
  for (const auto value : request.values(credentials_header(proxy))) {
    const auto auth = AuthParams::parse(value);
    if (!auth || !iequals(auth->scheme, "Digest") || auth->get("realm") != realm_) continue;
    const auto algorithm = find_algorithm(auth->get("algorithm"));
    const auto qop = auth->get("qop");
    if (!algorithm || auth->get("username") != user || auth->get("uri").empty()) return Verdict::wrong;
    if (std::find(algorithms_.begin(), algorithms_.end(), algorithm->algorithm) == algorithms_.end())
      return Verdict::wrong;
    if (!qop.empty() && !iequals(qop, "auth") && !iequals(qop, "auth-int")) return Verdict::wrong;
    if (!qop.empty() && (auth->get("nc").size() != 8 || auth->get("cnonce").empty())) return Verdict::wrong;
    // The uri parameter is taken as it is: proxies retarget requests on their way (RFC 7616 §3.4.6).
    const std::string expected = digest_response({.algorithm = algorithm->algorithm,
                                                  .session = algorithm->session,
                                                  .user = user,
                                                  .realm = realm_,
                                                  .nonce = auth->get("nonce"),
                                                  .cnonce = auth->get("cnonce"),
                                                  .nc = auth->get("nc"),
                                                  .uri = auth->get("uri"),
                                                  .method = request.method_name(),
                                                  .body = request.body(),
                                                  .qop = qop},
                                                 password);
    if (!equal_in_constant_time(auth->get("response"), expected)) return Verdict::wrong;
    // Only who knows the password learns that just the nonce is old (RFC 7616 §3.3, stale).
    return is_fresh(auth->get("nonce"), realm_, nonce_key_, now) ? Verdict::ok : Verdict::stale;
  }
  return Verdict::missing;
}

std::string_view DigestServer::claimed_user(const Message& request, bool proxy) {
  for (const auto value : request.values(credentials_header(proxy))) {
    const auto auth = AuthParams::parse(value);
    if (auth && iequals(auth->scheme, "Digest")) return auth->get("username");
  }
  return {};
}

}  // namespace sidetone::sip
