// The lines of the endpoint core: how they begin, and what becomes of them when the configuration changes.
#include <fmt/format.h>

#include "endpoint/endpoint_core.h"
#include "sip/message/uri.h"
#include "sip/transport/via_text.h"

namespace sidetone::endpoint {
namespace {

sip::Account account_of(const CoreLine& line) {
  sip::Account account;
  const bool v6 = line.server_host.find(':') != std::string::npos && line.server_host.front() != '[';
  // A zone is this machine's affair: RFC 3261 has no place for it in a URI.
  const auto bare = v6 ? line.server_host.substr(0, line.server_host.find('%')) : line.server_host;
  const auto host = v6 ? fmt::format("[{}]", bare) : bare;
  const bool usual_port = line.server_port == sip::default_port(line.transport) || line.server_port == 0;
  const auto server = usual_port ? host : fmt::format("{}:{}", host, line.server_port);
  account.uri =
      fmt::format("sip:{}@{}", sip::escape_user(line.user), line.domain.empty() ? server : line.domain);
  account.display_name = line.display_name;
  account.credentials = {line.user, line.password, {}};
  account.server = sip::NextHop{.transport = line.transport,
                                .host = line.server_host,
                                .port = line.server_port,
                                .socket = line.socket,
                                .tls_profile = line.tls_profile,
                                .any_transport = line.any_transport};
  account.register_expires = line.register_expires;
  account.register_retry = line.register_retry;
  account.contact_as_seen = line.contact_as_seen;
  account.instance_urn = line.instance_urn;
  return account;
}

// Whether a line has moved: its registration at the old server is of no use for the new one.
bool same_place(const CoreLine& a, const CoreLine& b) {
  return a.user == b.user && a.server_host == b.server_host && a.server_port == b.server_port &&
         a.domain == b.domain && a.transport == b.transport && a.any_transport == b.any_transport &&
         a.socket == b.socket && a.tls_profile == b.tls_profile && a.media_ip == b.media_ip &&
         a.instance_urn == b.instance_urn;
}

bool same_login(const CoreLine& a, const CoreLine& b) {
  return a.display_name == b.display_name && a.password == b.password &&
         a.register_expires == b.register_expires && a.register_retry == b.register_retry &&
         a.contact_as_seen == b.contact_as_seen;
}

}  // namespace

void EndpointCore::add_line(const CoreLine& settings) {
  Line line;
  line.shown.line = LineId{static_cast<std::uint8_t>(lines_.size())};
  line.settings = settings;
  lines_.push_back(std::move(line));
}

void EndpointCore::open_line(Line& line, Time now) {
  const auto& settings = line.settings;
  const LineId id = line.shown.line;
  line.shown = {};
  line.shown.line = id;
  line.shown.user = settings.user;
  line.shown.server = settings.server_port == 0
                          ? settings.server_host
                          : fmt::format("{}:{}", settings.server_host, settings.server_port);
  line.shown.transport = settings.any_transport ? "any" : sip::to_string(settings.transport);
  line.left.reset();
  warn_of_readable_keys(line, now);
  outbox_.tell(LineChanged{line.shown});
  line.account = stack_.add_account(account_of(settings), now);
  log_.name({.account = line.account.value, .line = line.shown.line.index});
}

// RFC 4568 §8.3: whoever reads the signalling has the keys of the media.
void EndpointCore::warn_of_readable_keys(const Line& line, Time now) {
  const bool readable = !line.settings.any_transport && line.settings.transport != sip::Transport::tls;
  if (settings_->srtp.policy == SrtpPolicy::disabled || !readable) return;
  log_.write(
      {now, LogLevel::warning, LogTag::call, line.shown.line.index, 0,
       "use_srtp secures the media, but the keys go over a signalling that anybody can read: use TLS"});
}

void EndpointCore::reconfigure(CoreSettings settings, Time now) {
  if (stop_by_) return;
  settings_ = std::make_shared<const CoreSettings>(std::move(settings));
  devices_.reconfigure(settings_->devices);
  tones_.reconfigure(settings_->tones);
  for (auto& [id, call] : calls_) call->set_alarm_threshold(settings_->vq_alarm_threshold);
  change_lines(now);
  after_input(now);
}

void EndpointCore::change_lines(Time now) {
  const auto& wanted = settings_->lines;
  while (lines_.size() > wanted.size()) {
    auto gone = std::move(lines_.back().shown);
    stack_.remove_account(lines_.back().account, now);
    lines_.pop_back();
    gone.state = LineState::disabled;
    gone.text = "the line is not in the configuration any more";
    outbox_.tell(LineChanged{std::move(gone)});
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) change_line(lines_[i], wanted[i], now);
  while (lines_.size() < wanted.size()) {
    add_line(wanted[lines_.size()]);
    open_line(lines_.back(), now);
  }
}

// Another identity or server gets an account of its own, before the old one goes: its calls hold on to that.
void EndpointCore::change_line(Line& line, const CoreLine& settings, Time now) {
  const bool stays = same_place(line.settings, settings);
  const bool same = stays && same_login(line.settings, settings);
  line.settings = settings;
  if (same) return;
  if (stays) return stack_.update_account(line.account, account_of(settings), now);
  const auto old = line.account;
  open_line(line, now);
  stack_.remove_account(old, now);
}

}  // namespace sidetone::endpoint
