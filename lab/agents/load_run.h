// Many agents with their phones, and customers who call them, against any SIP server: one lab, or your own.
// Real phones (the production endpoint, some dozen lines each) over real sockets.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agents/pending_dials.h"
#include "agents/report.h"
#include "agents/script.h"
#include "base/address.h"
#include "base/log.h"
#include "base/secret.h"
#include "engine/phone_engine.h"
#include "engine/steady_time.h"
#include "engine/system_random.h"

namespace sidetone::lab {

struct LoadSettings {
  std::string server_host = "127.0.0.1";
  std::uint16_t server_port = 5060;
  sip::Transport transport = sip::Transport::udp;
  net::TlsSettings tls;                  // for that transport
  std::string own_address;               // the option public_address; empty: what reaches the server
  unsigned count = 10;                   // agents: DNs first_dn, first_dn + 1 ...
  unsigned first_dn = 8001;              // beyond those that mean something in the lab
  std::string customer_dn = "customer";  // who calls
  bool customer_registers = false;
  Secret<std::string> password;  // of all
  double rate = 1;               // calls a second
  unsigned calls = 10;
  AgentScript script;
  bool with_sound = true;
  std::string codecs = "pcmu";
  std::chrono::seconds patience{60};  // for registrations, and for a call beyond its script
};

class LoadRun {
 public:
  LoadRun(boost::asio::io_context& io, LoadSettings settings, std::string speech_file, LogSink& log);
  ~LoadRun();

  // Calls `done` when every call is over, and every line unregistered. `progress` gets a line a second.
  Expected<void> start(std::function<void()> done, std::function<void(std::string)> progress);
  // No new calls; what is alive ends.
  void stop();
  [[nodiscard]] const LoadReport& report() const { return report_; }
  [[nodiscard]] LoadReport::Milliseconds length() const;

 private:
  struct Phone;  // an engine with some lines
  struct AgentCall;
  struct CustomerCall;
  struct Agent {
    std::string dn;
    bool ready = false;
  };

  engine::PhoneSettings phone_settings() const;
  Expected<void> add_phone(std::vector<std::string> users, bool registers, bool customer);
  void on_agent(Phone& phone, const Event& event);
  void on_customer(const Event& event);
  void line_changed(Phone& phone, const LineSnapshot& line);
  void begin_calls();
  void call_next();
  void dial(Agent& agent);
  void step(Phone& phone, CallId call);
  void customer_ended(const CallEnded& event);
  void take_quality(const CallStatistics& statistics);
  void free(const std::string& dn);
  void tick();
  void finish_if_over();
  void finish();
  void wait(boost::asio::steady_timer& timer, std::chrono::milliseconds span, std::function<void()> then);

  boost::asio::io_context& io_;
  LoadSettings settings_;
  std::string speech_file_;
  LogSink& log_;
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  std::function<void()> done_;
  std::function<void(std::string)> progress_;
  std::vector<std::unique_ptr<Phone>> phones_;  // agents'; the last one: the customers'
  std::vector<Agent> agents_;
  std::unordered_map<std::string, std::size_t> agent_of_dn_;
  std::deque<std::size_t> free_agents_;  // whoever is idle longest comes first
  std::unordered_map<CallId, CustomerCall> customer_calls_;
  PendingDials dials_;
  boost::asio::steady_timer call_timer_, tick_timer_;
  Time first_call_, last_end_, next_call_;
  unsigned due_ = 0;
  bool calling_ = false, stopping_ = false, finished_ = false;
  std::size_t stopped_ = 0;
  LoadReport report_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace sidetone::lab
