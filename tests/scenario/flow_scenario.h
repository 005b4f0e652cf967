// Flows as the RFCs draw them: who sent what to whom, in which order.
#pragma once

#include <algorithm>

#include "proxy.h"
#include "wire_scenario.h"

namespace sidetone::test {

using Ladder = std::vector<std::string>;

class FlowScenario : public WireScenario {
 protected:
  // "alice>proxy1 INVITE", "proxy1>alice 407". 100 is each hop's own affair; what was sent twice or lost
  // counts as often as it left.
  [[nodiscard]] Ladder flow() const {
    Ladder steps;
    for (const auto& crossing : wire.crossings) {
      const auto parsed = sip::parse_message(crossing.bytes);
      if (!parsed || parsed->status() == 100) continue;
      steps.push_back(fmt::format(
          "{}>{} {}", wire.name_of(crossing.from), wire.name_of(crossing.to),
          parsed->is_request() ? std::string(parsed->method_name()) : std::to_string(parsed->status())));
    }
    return steps;
  }
  // From here on.
  void forget_flow() { forgotten_ = flow().size(); }
  [[nodiscard]] Ladder flow_since() const {
    const auto all = flow();
    return {all.begin() + static_cast<std::ptrdiff_t>(std::min(forgotten_, all.size())), all.end()};
  }

  Node& phone(const std::string& name, std::string_view address) {
    sip::StackSettings settings;
    settings.guard.trusted = {IpNetwork::parse("10.0.0.12").value()};  // proxy 2, which is no line's server
    return wire.add(name, fmt::format("{}:5060", address), settings);
  }
  // A line whose requests go by `server`.
  static sip::AccountId line(Node& node, std::string_view aor, std::string_view server,
                             std::string_view password = {}) {
    sip::Account account;
    account.uri = fmt::format("sip:{}", aor);
    account.contact_user = std::string(aor.substr(0, aor.find('@')));
    account.credentials = {account.contact_user, Secret<std::string>(std::string(password)), {}};
    account.server = sip::NextHop{sip::Transport::udp, std::string(server), 5060, {}, {}};
    return node.stack.add_account(std::move(account), node.now());
  }
  static sip::SessionId dial(Node& node, sip::AccountId line, std::string_view target, std::string sdp,
                             std::vector<sip::ExtraHeader> headers = {}) {
    sip::Invite invite;
    invite.account = line;
    invite.target = fmt::format("sip:{}", target);
    invite.sdp = std::move(sdp);
    invite.headers = std::move(headers);
    const auto session = node.stack.invite(std::move(invite), node.now());
    EXPECT_TRUE(session) << (session ? "" : session.error().text);
    node.wire.settle(node);
    return session ? *session : sip::SessionId{};
  }
  // Rings, then answers at once; answers offers.
  static void answer(Node& node, const std::string& sdp) {
    node.on_event = [&node, sdp](const sip::Event& event) {
      if (const auto* invite = std::get_if<sip::IncomingInvite>(&event)) {
        EXPECT_TRUE(node.stack.provisional(invite->session, {}, node.now()));
        EXPECT_TRUE(node.stack.accept(invite->session, sdp, {}, node.now()));
      }
      if (const auto* offer = std::get_if<sip::OfferReceived>(&event))
        EXPECT_TRUE(node.stack.answer_offer(offer->session, sdp, node.now()));
    };
  }
  static sip::SessionId incoming(const Node& node) { return node.last<sip::IncomingInvite>()->session; }
  bool confirmed(const Node& callee, std::size_t calls = 1) {
    return wire.run_until([&] { return callee.count<sip::Confirmed>() == calls; });
  }
  void finish() {
    wire.run_dry();
    wire.expect_nothing_left();
  }

 private:
  std::size_t forgotten_ = 0;
};

}  // namespace sidetone::test
