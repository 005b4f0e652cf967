// A contact centre in a box: SIP server and media server on one thread of their own.
//
//   lab::Lab lab({.listen = *Address::parse("127.0.0.1:0", 0)}, log);
//   if (auto started = lab.start(); !started) ...
//   connect phones to lab.address(), as any DN that is no number of the lab (7001, say)
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/log.h"
#include "engine/sip_host.h"
#include "engine/system_random.h"
#include "labhost/control_service.h"
#include "labhost/media_server.h"
#include "labserver/server.h"

namespace sidetone::lab {

struct LabSettings {
  Address listen;           // port 0: any
  std::string folder;       // recordings, generated sounds; empty: a temporary one, removed at the end
  std::vector<User> users;  // with passwords; others are admitted when `open`
  bool open = true;
  std::optional<std::uint16_t> tls_port;  // listens for TLS, too; 0: any
  net::TlsSettings tls;                   // without a certificate the lab makes itself one
  ServerSettings server;                  // its DNs' options and treatments; the rest is the lab's own
  std::optional<Address> control;         // where T-Library clients connect; port 0: any
  ControlSettings control_settings;
};

class Lab {
 public:
  Lab(LabSettings settings, LogSink& log);
  ~Lab();

  Expected<void> start();
  [[nodiscard]] Address address() const { return address_; }
  [[nodiscard]] std::optional<Address> tls_address() const { return tls_address_; }
  // What phones must trust (their CA file), when the lab made it.
  [[nodiscard]] const std::string& tls_certificate_file() const { return settings_.tls.certificate_file; }
  [[nodiscard]] std::optional<Address> control_address() const { return control_address_; }
  [[nodiscard]] const std::string& folder() const { return settings_.folder; }
  // A customer rings this DN. Any thread.
  void customer_calls(const std::string& dn);
  void stop();  // ends calls with BYE, joins the thread

 private:
  Expected<void> prepare_folder();
  Expected<void> start_server();
  Expected<void> start_tls();
  Expected<void> start_control();
  void ask(const tlib::Request& request);
  void tell_clients();

  LabSettings settings_;
  LogSink& log_;
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  bool own_folder_ = false;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Server> server_;  // owns the stack that host_ drives
  std::unique_ptr<engine::SipHost> host_;
  std::unique_ptr<MediaServer> media_;
  Address address_;
  std::unique_ptr<ControlService> control_;
  Time begun_;  // from when on events count their time
  std::optional<Address> tls_address_, control_address_;
  std::thread thread_;
};

}  // namespace sidetone::lab
