#include "sip/guard/source_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/transaction/match.h"

namespace sidetone::sip {
namespace {

std::optional<IpAddress> numeric_host(std::string_view uri_text) {
  const auto uri = Uri::parse(uri_text);
  if (!uri) return std::nullopt;
  const auto ip = IpAddress::parse(uri->host);
  return ip ? std::optional(*ip) : std::nullopt;
}

std::optional<IpAddress> first_route(const Dialog& dialog) {
  if (dialog.route_set().empty()) return std::nullopt;
  const auto route = NameAddr::parse(dialog.route_set().front());
  return route ? numeric_host(route->uri.text) : std::nullopt;
}

// Steers a phone: "talk" answers, "hold" and REFER move a call. The progress of a REFER that we sent is the
// peer's own to tell (RFC 3515 §2.4.4).
bool is_command(const Message& request) {
  if (request.method() == Method::refer) return true;
  if (request.method() != Method::notify) return false;
  const auto event = TokenParams::parse(request.value(HeaderId::event));
  return !event || !iequals(event->token, "refer");
}

bool is_same_way(const Flow& a, const Flow& b) {
  if (b.transport == Transport::tls && a.transport != Transport::tls) return false;
  return a.remote.ip == b.remote.ip;
}

bool may_speak(const Dialog& dialog, const Flow& flow, const Message& request) {
  if (is_command(request)) return dialog.is_by_server() && is_same_way(flow, dialog.flow());
  if (is_same_way(flow, dialog.flow())) return true;
  // What only TLS protected must not be reached around it.
  if (dialog.flow().transport == Transport::tls && flow.transport != Transport::tls) return false;
  const auto& resolved = dialog.peer_addresses();
  return numeric_host(dialog.remote_target()) == flow.remote.ip || first_route(dialog) == flow.remote.ip ||
         std::find(resolved.begin(), resolved.end(), flow.remote.ip) != resolved.end();
}

bool is_response(std::string_view bytes) {
  constexpr std::string_view version = "SIP/2.0 ";
  return iequals(bytes.substr(0, version.size()), version);
}

// That of the topmost Via, when it is one of ours: they all begin with the cookie, and others' do not matter.
std::string_view branch_in(std::string_view response) {
  const auto at = response.find(transaction::magic_cookie);
  if (at == std::string_view::npos) return {};
  const auto rest = response.substr(at);
  const auto is_inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  std::size_t size = 0;
  while (size < rest.size() && is_inside(rest[size])) ++size;
  return rest.substr(0, size);
}

}  // namespace

SourceGuard::SourceGuard(GuardSettings settings, Stack stack, LogSink& log)
    : settings_(std::move(settings)),
      stack_(std::move(stack)),
      log_(log),
      strangers_(std::max(1U, settings_.strangers_per_s_max),
                 std::chrono::duration_cast<Duration>(std::chrono::seconds(1)) /
                     std::max(1U, settings_.strangers_per_s_max)) {}

bool SourceGuard::knows(const IpAddress& source, Transport transport) const {
  if (!is_on() || servers_.contains(source, transport)) return true;
  for (const auto& network : settings_.trusted)  // configured: a handful
    if (network.contains(source)) return true;
  return false;
}

bool SourceGuard::welcomes(const IpAddress& source, Transport transport) const {
  return knows(source, transport) || peers_.contains(source, transport);
}

bool SourceGuard::lets_read(const Flow& flow, std::string_view bytes, Time now) {
  shows_stranger_ = true;
  if (welcomes(flow.remote.ip, flow.transport)) return true;
  if (is_response(bytes)) return lets_read_response(flow, bytes, now);
  if (strangers_.take(now)) {
    shows_stranger_ = traces_.take(now);
    return true;
  }
  ++counters_.unread;
  note(Reason::unread, flow, "a request", now);
  return false;
}

// From anywhere, for servers with several addresses answer from any of them, but only with the branch of a
// request of ours, 82 random bits (RFC 3261 §17.1.3). The rest would be dropped after it was parsed (RFC 6026
// §7.2): a flood of it must not get that far.
bool SourceGuard::lets_read_response(const Flow& flow, std::string_view bytes, Time now) {
  if (const auto branch = branch_in(bytes); !branch.empty() && stack_.awaits_response(branch)) return true;
  ++counters_.strays;
  note(Reason::stray, flow, "a response", now);
  return false;
}

bool SourceGuard::lets_trace(SipDirection direction, const Flow& flow, std::string_view bytes) const {
  if (shows_stranger_ || welcomes(flow.remote.ip, flow.transport)) return true;
  return direction == SipDirection::out && !is_response(bytes);  // a request of ours
}

int SourceGuard::judge(const Flow& flow, const Message& request, Time now) {
  const bool is_first = tag_of(request, HeaderId::to).empty();
  if (knows(flow.remote.ip, flow.transport)) {
    if (request.method() != Method::invite || !is_first || !stack_.is_full()) return 0;
    ++counters_.overloaded;
    return 503;
  }
  if (is_first) return refuse(Reason::stranger, 403, flow, request.method_name(), now);
  const auto dialog = stack_.dialog_of(request);
  if (!dialog && stack_.awaits(request)) return 0;
  if (!dialog) return refuse(Reason::unknown_dialog, 481, flow, request.method_name(), now);
  if (may_speak(*dialog, flow, request)) return 0;
  return refuse(Reason::intruder, 403, flow, request.method_name(), now);
}

bool SourceGuard::is_in_dialog(const Message& request) const {
  return !tag_of(request, HeaderId::to).empty() && stack_.dialog_of(request) != nullptr;
}

void SourceGuard::set_servers(std::uint64_t line, std::vector<IpAddress> addresses, bool tls_only) {
  servers_.set(line, std::move(addresses), tls_only);
}

void SourceGuard::add_dialog(const Dialog& dialog) {
  if (!is_on()) return;
  std::vector<IpAddress> addresses{dialog.flow().remote.ip};
  if (const auto ip = numeric_host(dialog.remote_target())) addresses.push_back(*ip);
  if (const auto ip = first_route(dialog)) addresses.push_back(*ip);
  const auto& resolved = dialog.peer_addresses();
  addresses.insert(addresses.end(), resolved.begin(), resolved.end());
  peers_.set(dialog.key(), std::move(addresses), dialog.flow().transport == Transport::tls);
}

int SourceGuard::refuse(Reason reason, int status, const Flow& flow, std::string_view method, Time now) {
  ++(reason == Reason::stranger   ? counters_.strangers
     : reason == Reason::intruder ? counters_.intruders
                                  : counters_.unknown_dialogs);
  note(reason, flow, method, now);
  return status;
}

void SourceGuard::note(Reason reason, const Flow& flow, std::string_view method, Time now) {
  if (!log_.wants(LogTag::sip, LogLevel::warning)) return;
  if (!log_lines_.take(now)) {
    ++unlogged_;
    return;
  }
  const std::string_view why = reason == Reason::stranger   ? "it is no server of a line"
                               : reason == Reason::intruder ? "the dialog has another way"
                               : reason == Reason::unread   ? "there are too many from strangers"
                               : reason == Reason::stray    ? "it answers no request of ours"
                                                            : "there is no such dialog";
  auto text = fmt::format("Refused {} from {} {}: {}", method, to_string(flow.transport),
                          flow.remote.to_string(), why);
  if (unlogged_ > 0) text += fmt::format("; {} more were refused since the last line", unlogged_);
  unlogged_ = 0;
  log_.write({now, LogLevel::warning, LogTag::sip, {}, 0, std::move(text)});
}

}  // namespace sidetone::sip
