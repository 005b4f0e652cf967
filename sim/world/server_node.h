// The lab's SIP server as a machine of the simulated network. It may die and come back, knowing nobody.
#pragma once

#include "labserver/server.h"
#include "sim/mutation.h"
#include "sim/node.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class ServerNode final : public Node {
 public:
  ServerNode(std::string name, lab::ServerSettings settings, IpAddress ip, Network& network,
             std::uint64_t seed, Mutation mutation, Trace& trace, Verdict& verdict, Time now);

  // Its program ends, or (with `power` gone) the whole machine, which says nothing to anybody.
  void crash(bool power, Time now);
  void restart(Time now);
  // Nobody should need it any more.
  void retire() { retired_ = true; }
  [[nodiscard]] bool is_retired() const { return retired_; }
  [[nodiscard]] bool is_up() const { return up_; }
  [[nodiscard]] std::optional<Time> last_crash() const { return last_crash_; }

  [[nodiscard]] lab::Server& server() { return *server_; }
  [[nodiscard]] sip::Stack& stack() override { return server_->stack(); }
  // Of all its lives.
  [[nodiscard]] std::uint64_t calls() const { return past_calls_ + server_->calls().calls; }
  [[nodiscard]] std::uint64_t answered() const { return past_answered_ + server_->calls().answered; }
  void on_time(Time now) override;
  void drain(Time now) override;
  [[nodiscard]] std::optional<Deadline> deadline() const override;

 private:
  [[nodiscard]] bool passes(const sip::Event& event);
  void watch(const sip::Event& event, Time now);
  void begin(Time now);

  SeededRandom random_;
  Mutation mutation_;
  Verdict& verdict_;
  lab::ServerSettings settings_;
  Trace& trace_;
  std::unique_ptr<lab::Server> server_;
  bool up_ = true, retired_ = false;
  std::optional<Time> last_crash_;
  std::uint64_t past_calls_ = 0, past_answered_ = 0;
  std::unordered_map<sip::SessionId, IpAddress> peers_;  // whose leg a session is
  int ends_ = 0;
};

}  // namespace sidetone::sim
