// The options that `phone` and `call` share, and the endpoint settings that come of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "labhost/lab.h"
#include "sidetone/endpoint.h"

namespace sidetone::app {

struct PhoneOptions {
  std::string config_file, server, user = "7001", protocol = "udp", password_env;
  std::string ca_file, certificate, key, key_passphrase_env;
  std::string audio = "system", speak, record, hold_music, codecs, use_srtp, log, bind;
  std::vector<std::string> dns_servers, settings;
  std::optional<int> ringing, ringback;
  std::string dtmf_method;
  int ringer_volume = 100;
  std::uint16_t sip_port = 0, sip_port_max = 0;
  std::vector<std::string> trusted_peers;
  bool auto_answer = false, debug = false, no_register = false, no_name_check = false;
};

void add_phone_options(CLI::App& command, PhoneOptions& options);

// A phone ready to start and, when neither a configuration file nor a server was named, the lab it lives in.
struct PhoneSetup {
  EndpointSettings settings;
  std::unique_ptr<LogSink> lab_log;
  std::unique_ptr<lab::Lab> lab;
};
[[nodiscard]] Expected<PhoneSetup> set_up(const PhoneOptions& options);

}  // namespace sidetone::app
