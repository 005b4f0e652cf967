#include "sim/server_node.h"

namespace sidetone::sim {

namespace {
constexpr int drain_rounds_max = 10000;  // bound: one input never makes the server speak for ever
}

ServerNode::ServerNode(lab::ServerSettings settings, IpAddress ip, Network& network, std::uint64_t seed,
                       Mutation mutation, Trace& trace, Verdict& verdict, Time now)
    : Node("server", ip, network),
      random_(seed),
      mutation_(mutation),
      verdict_(verdict),
      server_(std::move(settings), random_, trace, now) {
  static_cast<void>(bind_udp(5060));
  static_cast<void>(listen_tcp(5060));
}

bool ServerNode::passes(const sip::Event& event) {
  if (mutation_ == Mutation::end_not_relayed && std::holds_alternative<sip::SessionEnded>(event))
    return ++ends_ % 6 != 0;
  return true;
}

void ServerNode::on_time(Time now) {
  server_.stack().on_time(now);
  drain(now);
  server_.on_time(now);
  drain(now);
}

void ServerNode::drain(Time now) {
  touch();
  for (int round = 0; round < drain_rounds_max; ++round) {
    if (auto event = server_.stack().poll_event()) {
      if (passes(*event)) server_.handle(*event, now);
    } else if (auto io = server_.stack().poll_io()) {
      carry_out(*io, now);
    } else {
      return;
    }
  }
  verdict_.broken(now, "endless_drain", name());
}

std::optional<Deadline> ServerNode::deadline() const {
  return earlier(server_.stack().deadline(), server_.deadline());
}

}  // namespace sidetone::sim
