// The lab's SIP server as a machine of the simulated network.
#pragma once

#include "labserver/server.h"
#include "sim/mutation.h"
#include "sim/node.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class ServerNode final : public Node {
 public:
  ServerNode(lab::ServerSettings settings, IpAddress ip, Network& network, std::uint64_t seed,
             Mutation mutation, Trace& trace, Verdict& verdict, Time now);

  [[nodiscard]] lab::Server& server() { return server_; }
  [[nodiscard]] sip::Stack& stack() override { return server_.stack(); }
  void on_time(Time now) override;
  void drain(Time now) override;
  [[nodiscard]] std::optional<Deadline> deadline() const override;

 private:
  [[nodiscard]] bool passes(const sip::Event& event);
  void watch(const sip::Event& event, Time now);

  SeededRandom random_;
  Mutation mutation_;
  Verdict& verdict_;
  lab::Server server_;
  std::unordered_map<sip::SessionId, IpAddress> peers_;  // whose leg a session is
  int ends_ = 0;
};

}  // namespace sidetone::sim
