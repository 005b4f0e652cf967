#include "endpoint/dial_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/message/uri.h"

namespace sidetone::endpoint {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || std::string_view("+*# -.()").find(c) != std::string_view::npos;
  });
}

std::string without_separators(std::string_view number) {
  std::string digits;
  for (const char c : number)
    if (std::string_view(" -.()").find(c) == std::string_view::npos) digits += c;
  return digits;
}

std::string host_port(std::string_view host, std::uint16_t port) {
  const bool bare_v6 = std::count(host.begin(), host.end(), ':') > 1 && host.front() != '[';
  const std::string name = bare_v6 ? fmt::format("[{}]", host) : std::string(host);
  return port == 0 || port == 5060 ? name : fmt::format("{}:{}", name, port);
}

tl::unexpected<Error> refuse(std::string_view text) {
  return fail(Layer::engine, Fault::syntax, fmt::format("'{}' cannot be dialled", text),
              "dial a number, a name, user@host or a sip: address");
}

}  // namespace

Expected<DialTarget> resolve_dial_target(std::string_view text, std::string_view server_host,
                                         std::uint16_t server_port) {
  text = trim(text);
  // Bound: a user part longer than this is no number or name but a mistake (a pasted paragraph).
  constexpr std::size_t target_bytes_max = 256;
  if (text.empty() || text.size() > target_bytes_max) return refuse(text.substr(0, 40));

  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (iequals(scheme, "sip") || iequals(scheme, "sips")) {
    const auto uri = sip::Uri::parse(text);
    if (!uri || uri->host.empty()) return refuse(text);
    return DialTarget{std::string(text), sip::unescape(uri->user)};
  }
  if (iequals(scheme, "tel")) text = text.substr(colon + 1);

  if (is_number(text)) {
    auto digits = without_separators(text);
    if (digits.empty()) return refuse(text);
    auto uri = fmt::format("sip:{}@{}", sip::escape_user(digits), host_port(server_host, server_port));
    return DialTarget{std::move(uri), std::move(digits)};
  }
  const auto at = text.find('@');
  const auto user = text.substr(0, at);
  if (user.empty() || user.find_first_of(" \t<>\"") != std::string_view::npos) return refuse(text);
  const auto host =
      at == std::string_view::npos ? host_port(server_host, server_port) : std::string(text.substr(at + 1));
  auto uri = fmt::format("sip:{}@{}", sip::escape_user(user), host);
  if (!sip::Uri::parse(uri)) return refuse(text);
  return DialTarget{std::move(uri), std::string(user)};
}

}  // namespace sidetone::endpoint
