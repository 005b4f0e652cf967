// Where agent desktops and scripts steer the lab: a WebSocket that takes T-Library requests and tells all
// events, each one JSON object in a text message (tlib/json.h). Every client hears everything; whose request
// caused an event is told by its reference_id.
//
//   ControlService control(io, {}, [&](const tlib::Request& request) { ... }, log, clock);
//   auto address = control.listen(*Address::parse("127.0.0.1:0", 0));
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/log.h"
#include "engine/steady_time.h"
#include "tlib/request.h"

namespace sidetone::lab {

struct ControlSettings {
  // Web pages that may connect, as "https://desk.example": a browser tells where a page comes from, and any
  // page may try. Programs send no Origin and are always admitted.
  std::vector<std::string> origins;
};

class ControlService {
 public:
  using Asked = std::function<void(const tlib::Request& request)>;

  ControlService(boost::asio::io_context& io, ControlSettings settings, Asked asked, LogSink& log,
                 const engine::SteadyTime& clock);
  ~ControlService();
  ControlService(const ControlService&) = delete;
  ControlService& operator=(const ControlService&) = delete;

  [[nodiscard]] Expected<Address> listen(const Address& address);
  // To all clients. One that does not read is dropped.
  void tell(const boost::json::object& message);
  [[nodiscard]] std::size_t clients() const { return clients_.size(); }
  void stop();

 private:
  class Client;
  void accept();
  void log(LogLevel level, std::string text) const;

  boost::asio::io_context& io_;
  ControlSettings settings_;
  Asked asked_;
  LogSink& log_;
  const engine::SteadyTime& clock_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::set<std::shared_ptr<Client>> clients_;
};

}  // namespace sidetone::lab
