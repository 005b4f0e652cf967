// From what the SDK's user and the configuration say to what the log does.
#pragma once

#include "config/configuration.h"
#include "engine/log_sink.h"
#include "sidetone/endpoint.h"

namespace sidetone::engine {

// system.diagnostics of a configuration, with the dump of all of it. What the user of the SDK says wins.
// Faults name the setting of the user's that is wrong.
[[nodiscard]] Expected<LogSettings> log_settings(const EndpointSettings& given,
                                                 const config::Configuration& configuration);

// The log of an endpoint that starts; one without targets when nobody wants it, so that a later change can
// give it some. A log_file of the user's that cannot be written is an error, one of the configuration's is
// told to `on_trouble`.
[[nodiscard]] Expected<std::unique_ptr<Log>> open_log_for(const EndpointSettings& given,
                                                          const config::Configuration& configuration,
                                                          const SteadyTime& clock,
                                                          std::function<void(const Error&)> on_trouble);

}  // namespace sidetone::engine
