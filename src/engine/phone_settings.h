// From what the SDK's user says to what the engine needs.
#pragma once

#include <string>
#include <vector>

#include "config/configuration.h"
#include "engine/phone_engine.h"
#include "sidetone/endpoint.h"

namespace sidetone::engine {

struct Configured {
  PhoneSettings settings;
  config::Configuration configuration;
  std::vector<std::string> warnings;  // of the file
};
// Faults name the setting and the accepted values. Reads settings.config_file when there is one; with `whole`
// what nobody says has the documented defaults without a file, too.
[[nodiscard]] Expected<Configured> read_configured(const EndpointSettings& settings, bool whole = false);
[[nodiscard]] Expected<PhoneSettings> phone_settings(const EndpointSettings& settings,
                                                     const config::Configuration& configuration, bool whole);

}  // namespace sidetone::engine
