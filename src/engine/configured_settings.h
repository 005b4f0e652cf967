// From a configuration that was read to what the engine needs.
#pragma once

#include "base/expected.h"
#include "config/configuration.h"
#include "engine/phone_engine.h"

namespace sidetone::engine {

[[nodiscard]] Expected<sip::Transport> transport_of(std::string_view protocol);
// SDK guide: a name without port is that of SRV records. An address has none.
[[nodiscard]] std::uint16_t port_of(const config::Server& server, sip::Transport transport);
// Each of these is an error that names what is wrong with the option's value.
[[nodiscard]] Expected<endpoint::CoreLine> core_line(const config::Line& given);
[[nodiscard]] Expected<std::optional<endpoint::ReportCollector>> collector_of(
    const config::EndpointOptions& given);
[[nodiscard]] Expected<void> set_security(const config::SecurityOptions& given, net::TlsSettings& tls);
void set_default_tones(PhoneSettings& settings);

// `whole`: there is a file, and what it leaves out has the documented defaults. Else only what is set by hand
// is taken, and the rest stays as it is.
[[nodiscard]] Expected<void> take_configuration(const config::Configuration& configuration, bool whole,
                                                PhoneSettings& settings);

}  // namespace sidetone::engine
