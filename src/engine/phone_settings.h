// From what the SDK's user says to what the engine needs.
#pragma once

#include <memory>

#include "engine/log_sink.h"
#include "engine/phone_engine.h"
#include "engine/steady_time.h"
#include "sidetone/endpoint.h"

namespace sidetone::engine {

// Faults name the setting and the accepted values. Reads settings.config_file when there is one.
[[nodiscard]] Expected<PhoneSettings> phone_settings(const EndpointSettings& settings);
[[nodiscard]] Expected<std::unique_ptr<LogSink>> open_log_for(const EndpointSettings& settings,
                                                              const SteadyTime& clock);

}  // namespace sidetone::engine
