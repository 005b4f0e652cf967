#include "sip/message/redirect_targets.h"

#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// qvalue = "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3("0") ]; what is none counts as 1.
int read_q(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 1000;
  int q = (text[0] - '0') * 1000;
  if (text.size() == 1) return q;
  if (text[1] != '.' || text.size() > 5) return 1000;
  int unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 1000;
    q += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(q, 1000);
}

// §19.1.5 warns of headers that lie about who calls, where answers go and what is carried. These few say
// nothing of the kind, and a transfer or a queue may need them.
bool is_harmless(std::string_view name) {
  switch (find_header(name)) {
    case HeaderId::subject:
    case HeaderId::priority:
    case HeaderId::accept_language:
    case HeaderId::history_info:
    case HeaderId::user_to_user: return true;
    default: return false;
  }
}

std::vector<std::pair<std::string, std::string>> harmless_headers(std::string_view headers) {
  constexpr std::size_t headers_max = 8;  // bound: a redirection that says more is none of ours
  std::vector<std::pair<std::string, std::string>> kept;
  while (!headers.empty() && kept.size() < headers_max) {
    auto value = take_until(headers, '&');
    const auto name = unescape(take_until(value, '='));
    auto text = unescape(value);
    const bool one_line = text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
    if (is_harmless(name) && one_line) kept.emplace_back(name, std::move(text));
  }
  return kept;
}

// The Request-URI has neither headers nor method (§19.1.1 table 1).
std::string without_method_and_headers(const Uri& uri) {
  std::string_view text = uri.text;
  // A user part may hold a question mark of its own (§25.1 user-unreserved).
  const auto behind_host = static_cast<std::size_t>(uri.host.data() + uri.host.size() - text.data());
  if (const auto question = text.find('?', behind_host); question != std::string_view::npos)
    text = text.substr(0, question);
  const auto params = uri.params.text();
  if (params.empty()) return std::string(text);
  std::string made(text.substr(0, text.size() - params.size()));
  auto rest = params.substr(1);
  while (!rest.empty()) {
    const auto param = take_until(rest, ';');
    auto name = param;
    if (!iequals(take_until(name, '='), "method")) made.append(";").append(param);
  }
  return made;
}

}  // namespace

std::vector<RedirectTarget> redirect_targets(const Message& response) {
  std::vector<RedirectTarget> targets;
  for (const auto value : response.values(HeaderId::contact)) {
    if (targets.size() == redirect_targets_max) break;
    const auto contact = NameAddr::parse(value);
    if (!contact || contact->is_star) continue;
    const auto& uri = contact->uri;
    if (uri.scheme != Uri::Scheme::sip && uri.scheme != Uri::Scheme::sips) continue;
    // A URI that names another method means no call (§19.1.1).
    if (const auto method = uri.params.get("method"); !method.empty() && method != "INVITE") continue;
    targets.push_back(
        {without_method_and_headers(uri), read_q(contact->params.get("q")), harmless_headers(uri.headers)});
  }
  std::stable_sort(targets.begin(), targets.end(), [](const auto& a, const auto& b) { return a.q > b.q; });
  return targets;
}

}  // namespace sidetone::sip
