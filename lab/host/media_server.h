// The lab's voices: a phone that answers every number of the lab's media prefix by itself and does what the
// number says (numbers.h).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/log.h"
#include "base/random.h"
#include "engine/phone_engine.h"

namespace sidetone::lab {

class MediaServer {
 public:
  // `folder` takes recordings and generated sounds; it must exist.
  MediaServer(boost::asio::io_context& io, std::string folder, const engine::SteadyTime& clock,
              Random& random, LogSink& log);

  // Listens on `ip`; calls out through `server`.
  Expected<void> start(const IpAddress& ip, const Address& server);
  [[nodiscard]] Address address() const { return phone_->local_address(0); }
  // Told, on the thread of io, of digits that a caller of collect_dn entered.
  using Collected = std::function<void(const std::string& caller, const std::string& digits)>;
  void set_collected(Collected collected) { collected_ = std::move(collected); }
  // A customer rings `dn` and talks.
  void call(const std::string& dn);
  void stop();
  [[nodiscard]] Snapshot snapshot() const { return phone_->snapshot(); }

 private:
  engine::MediaChoice choose(const endpoint::OpenMedia& order);
  void on_event(const Event& event);

  boost::asio::io_context& io_;
  std::string folder_;
  const engine::SteadyTime& clock_;
  Random& random_;
  LogSink& log_;
  std::string speech_, announcement_, music_;
  int recordings_ = 0;
  std::unique_ptr<engine::PhoneEngine> phone_;
  void collect(CallId call, char digit);
  struct Collection {
    std::string caller, digits;
  };
  Collected collected_;
  std::unordered_map<CallId, Collection> collections_;
  std::unordered_map<CallId, std::string> call_back_;  // who asked to be called when this call is over
};

}  // namespace sidetone::lab
