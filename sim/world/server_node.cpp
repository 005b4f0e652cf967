#include "sim/server_node.h"

namespace sidetone::sim {

namespace {
constexpr int drain_rounds_max = 10000;  // bound: one input never makes the server speak for ever
}

ServerNode::ServerNode(std::string name, lab::ServerSettings settings, IpAddress ip, Network& network,
                       std::uint64_t seed, Mutation mutation, Trace& trace, Verdict& verdict, Time now)
    : Node(std::move(name), ip, network),
      random_(seed),
      mutation_(mutation),
      verdict_(verdict),
      settings_(std::move(settings)),
      trace_(trace) {
  begin(now);
}

void ServerNode::begin(Time now) {
  server_ = std::make_unique<lab::Server>(settings_, random_, trace_, now);
  peers_.clear();
  begin_another_life();
  static_cast<void>(bind_udp(5060));
  static_cast<void>(listen_tcp(5060));
}

void ServerNode::crash(bool power, Time now) {
  if (!std::exchange(up_, false)) return;
  last_crash_ = now;
  past_calls_ += server_->calls().calls;
  past_answered_ += server_->calls().answered;
  network().set_ill(ip(), true, now);
  if (power) network().set_cut(ip(), true, now);
  network().unbind(ip(), !power, now);
  server_ = std::make_unique<lab::Server>(settings_, random_, trace_, now);  // deaf: no port is bound to it
  touch();
}

void ServerNode::restart(Time now) {
  if (std::exchange(up_, true)) return;
  network().set_ill(ip(), false, now);
  network().set_cut(ip(), false, now);
  begin(now);
  touch();
}

bool ServerNode::passes(const sip::Event& event) {
  if (mutation_ == Mutation::end_not_relayed && std::holds_alternative<sip::SessionEnded>(event))
    return ++ends_ % 6 != 0;
  return true;
}

// A leg that ends because nobody answers or acknowledges, while neither link had a fault for longer than
// every transaction lives, was lost by a mistake and not by the network.
void ServerNode::watch(const sip::Event& event, Time now) {
  constexpr Duration transaction_life = std::chrono::seconds(70);  // 64*T1 twice, and a little more
  if (const auto* invite = std::get_if<sip::IncomingInvite>(&event))
    peers_[invite->session] = invite->flow.remote.ip;
  if (const auto* accepted = std::get_if<sip::Accepted>(&event))
    if (const auto dialog = server_->stack().dialog(accepted->session))
      peers_[accepted->session] = dialog->flow.remote.ip;
  const auto* ended = std::get_if<sip::SessionEnded>(&event);
  if (!ended) return;
  const auto peer = peers_.extract(ended->session);
  if (peer.empty()) return;
  if (ended->cause != sip::EndCause::no_ack && ended->cause != sip::EndCause::timeout) return;
  const auto well = network().well_since(peer.mapped(), ip());
  if (!well || now - *well < transaction_life) return;
  verdict_.broken(now, "healthy_call_lost", "leg to " + peer.mapped().to_string() + ": " + ended->text);
}

void ServerNode::on_time(Time now) {
  server_->stack().on_time(now);
  drain(now);
  server_->on_time(now);
  drain(now);
}

void ServerNode::drain(Time now) {
  touch();
  for (int round = 0; round < drain_rounds_max; ++round) {
    if (auto event = server_->stack().poll_event()) {
      watch(*event, now);
      if (passes(*event)) server_->handle(*event, now);
    } else if (auto io = server_->stack().poll_io()) {
      carry_out(*io, now);
    } else {
      return;
    }
  }
  verdict_.broken(now, "endless_drain", name());
}

std::optional<Deadline> ServerNode::deadline() const {
  return earlier(server_->stack().deadline(), server_->deadline());
}

}  // namespace sidetone::sim
