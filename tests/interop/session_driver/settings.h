// What a script says about the whole stack before it starts: one JSON object on the command line.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "engine/sip_host.h"
#include "net/tls_settings.h"
#include "sip/stack.h"

namespace sidetone::interop {

struct DriverSettings {
  sip::StackSettings stack;
  engine::SipHostSettings host;
  std::optional<net::TlsSettings> tls;  // "tls": {"ca_file", "certificate", "check_name"}
  std::string log;                      // a file
};

// Throws what a reader of JSON throws.
[[nodiscard]] DriverSettings settings_from(const boost::json::object& json);

}  // namespace sidetone::interop
