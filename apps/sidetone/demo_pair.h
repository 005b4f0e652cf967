// An agent and a customer, both real phones of the lab, on one thread: the demo's cast.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/phone_engine.h"
#include "engine/steady_time.h"
#include "engine/system_random.h"

namespace sidetone::app {

struct DemoRole {
  std::string dn, speaks, records;  // WAV files
};

// One phone of the pair, with what it has told so far.
class DemoPhone {
 public:
  DemoPhone(boost::asio::io_context& io, const engine::SteadyTime& clock, Random& random, LogSink& log,
            const DemoRole& role, const Address& server, const std::string& codec);

  Expected<void> start();
  void post(Command command) { engine_->post(std::move(command)); }
  [[nodiscard]] bool registered() const { return registered_at_.has_value(); }
  [[nodiscard]] const std::optional<CallSnapshot>& call() const { return call_; }
  [[nodiscard]] bool is(CallState state) const { return call_ && call_->state == state; }
  [[nodiscard]] media::StreamStatistics statistics() const { return engine_->statistics(call_->call); }
  [[nodiscard]] Duration registration_time() const { return *registered_at_ - started_at_; }
  [[nodiscard]] std::optional<Time> connected_at() const { return connected_at_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] Address address() const { return engine_->local_address(0); }

 private:
  void on(const Event& event);

  const engine::SteadyTime& clock_;
  std::unique_ptr<engine::PhoneEngine> engine_;
  Time started_at_{};
  std::optional<Time> registered_at_, connected_at_;
  std::optional<CallSnapshot> call_;
  bool stopped_ = false;
  std::string trouble_;
};

}  // namespace sidetone::app
