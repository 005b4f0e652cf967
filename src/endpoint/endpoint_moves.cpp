// Lines and calls that go to another address of this machine.
#include <algorithm>
#include <utility>

#include "endpoint/endpoint_core.h"

namespace sidetone::endpoint {

void EndpointCore::move_line(LineId id, sip::SocketId socket, const Address& local, Time now) {
  if (id.index >= lines_.size() || stop_by_) return;
  auto& line = lines_[id.index];
  if (line.settings.media_ip != local.ip && !line.left) line.left = line.settings.media_ip;
  line.settings.media_ip = local.ip;
  if (socket) line.settings.socket = socket;
  outbox_.tell(NetworkChanged{id, local.to_string()});
  stack_.move_account(line.account, socket, now);
  if (line.settings.register_expires.count() == 0) move_calls(line, now);
  after_input(now);
}

// Rare: all calls are looked through.
void EndpointCore::move_calls(Line& line, Time now) {
  const auto left = std::exchange(line.left, std::nullopt);
  if (!left) return;
  for (auto& [id, call] : calls_)
    if (call->line() == line.shown.line && call->media_ip() == *left && !is_former(*call)) {
      touch(id);
      call->move_media(line.settings.media_ip, now);
    }
}

bool EndpointCore::is_former(const Call& call) const {
  const auto account = account_of_call_.find(call.id());
  if (account == account_of_call_.end() || call.state() == CallState::ended) return false;
  const auto line = call.line().index;
  return line >= lines_.size() || lines_[line].account != account->second;
}

std::vector<IpAddress> EndpointCore::addresses_of_former_lines() const {
  std::vector<IpAddress> addresses;
  for (const auto& [id, call] : calls_)
    if (const auto& ip = call->media_ip();
        is_former(*call) && std::find(addresses.begin(), addresses.end(), ip) == addresses.end())
      addresses.push_back(ip);
  return addresses;
}

void EndpointCore::move_former_calls(const IpAddress& from, sip::SocketId socket, const IpAddress& to,
                                     Time now) {
  for (auto& [id, call] : calls_) {
    if (call->media_ip() != from || !is_former(*call)) continue;
    touch(id);
    stack_.move_account(account_of_call_.at(id), socket, now);
    call->move_media(to, now);
  }
  after_input(now);
}

}  // namespace sidetone::endpoint
