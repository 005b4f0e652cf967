#include "engine/phone_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/server.h"
#include "config/use_srtp.h"
#include "engine/configured_settings.h"
#include "engine/process_secrets.h"
#include "engine/start_check.h"
#include "media/g729_module.h"
#include "media/sound.h"

namespace sidetone::engine {
namespace {

Expected<endpoint::CoreLine> line_of(const LineSettings& given) {
  endpoint::CoreLine line;
  if (given.user.empty()) return fail(Layer::config, Fault::range, "a line has no user", "name its DN");
  auto server = config::parse_server(given.server);
  if (!server) return tl::make_unexpected(server.error());
  auto transport = transport_of(given.protocol);
  if (!transport) return tl::make_unexpected(transport.error());
  line.user = given.user;
  line.server_host = server->host;
  line.server_port = port_of(*server, *transport);
  line.transport = *transport;
  line.any_transport = given.protocol.empty();
  line.display_name = given.display_name;
  line.password = Secret<std::string>(given.password);
  line.register_expires = given.register_expires;
  line.register_retry = given.register_retry;
  return line;
}

Expected<std::vector<IpAddress::Family>> ip_versions_of(std::string_view text) {
  std::vector<IpAddress::Family> versions;
  for (std::string_view rest = text; !rest.empty();) {
    const auto word = trim(take_until(rest, ','));
    if (!iequals(word, "IPv4") && !iequals(word, "IPv6"))
      return fail(Layer::config, Fault::range,
                  fmt::format("ip_versions '{}': '{}' is no IP version", text, word),
                  "write IPv4, IPv6, or both in order of preference");
    versions.push_back(iequals(word, "IPv4") ? IpAddress::Family::v4 : IpAddress::Family::v6);
  }
  return versions;
}

// What the user of the SDK says wins over the file.
void set_tls(const TlsOptions& given, net::TlsSettings& tls) {
  tls.ca_file = given.ca_file;
  if (!given.certificate_file.empty()) tls.certificate_file = given.certificate_file;
  tls.key_file = given.key_file;
  tls.key_passphrase = Secret<std::string>(given.key_passphrase);
  if (!given.check_server_name) tls.name_check = net::TlsNameCheck::none;
}

Expected<sip::GuardSettings> guard_of(const std::vector<std::string>& trusted_peers) {
  sip::GuardSettings guard;
  for (const auto& peer : trusted_peers) {
    if (iequals(peer, "any")) {
      guard.accept_from = sip::AcceptFrom::anyone;
      continue;
    }
    auto network = IpNetwork::parse(peer);
    if (!network) return tl::make_unexpected(network.error());
    guard.trusted.push_back(*network);
  }
  return guard;
}

Expected<void> set_audio(const AudioSettings& audio, PhoneSettings& settings) {
  settings.hold_music_file = audio.hold_music_file;
  settings.core.hold_music = !audio.hold_music_file.empty();
  if (settings.core.hold_music)  // said at start, not when somebody waits
    if (auto readable = media::read_sound_file(audio.hold_music_file); !readable)
      return tl::make_unexpected(readable.error());
  const bool hardware = audio.kind == AudioSettings::Kind::system;
  if (!hardware) settings.core.devices.reset();
  if (audio.input_file.empty() && audio.output_file.empty() && hardware) return {};
  if (auto& devices = settings.core.devices) {
    devices->policy.microphone_needed = audio.input_file.empty();
    devices->policy.speaker_needed = audio.output_file.empty();
  }
  if (!audio.input_file.empty())  // said at start, not in the first call
    if (auto readable = media::read_sound_file(audio.input_file); !readable)
      return tl::make_unexpected(readable.error());
  settings.choose_media = [audio](const endpoint::OpenMedia&) {
    MediaChoice choice;
    const bool silent = audio.kind == AudioSettings::Kind::none;
    if (!audio.input_file.empty())
      choice.source = media::FromFile{audio.input_file, true};
    else if (silent)
      choice.source = media::FromSilence{};
    if (!audio.output_file.empty())
      choice.sink = media::ToFile{audio.output_file};
    else if (silent)
      choice.sink = media::ToNowhere{};
    return choice;
  };
  return {};
}

// What the user of the SDK says wins over the file, here, too.
Expected<void> override_tones(const EndpointSettings& given, endpoint::CoreSettings& core) {
  constexpr std::array ringback_modes{0, 1, 2, 3, 4, 6};
  if (given.ringing_enabled) {
    if (*given.ringing_enabled < 0 || *given.ringing_enabled > 7)
      return fail(Layer::config, Fault::range,
                  fmt::format("ringing_enabled {} is not known", *given.ringing_enabled), "take 0 to 7");
    core.tones.ringing = static_cast<endpoint::RingWhere>(*given.ringing_enabled);
  }
  if (given.ringback_enabled) {
    if (std::find(ringback_modes.begin(), ringback_modes.end(), *given.ringback_enabled) ==
        ringback_modes.end())
      return fail(Layer::config, Fault::range,
                  fmt::format("ringback_enabled {} is not known", *given.ringback_enabled),
                  "take 0, 1, 2, 3, 4 or 6");
    core.tones.ringback = *given.ringback_enabled;
  }
  if (given.ringer_volume < 0 || given.ringer_volume > 100)
    return fail(Layer::config, Fault::range, fmt::format("{} percent is no volume", given.ringer_volume),
                "take 0 to 100");
  core.ringer_volume = given.ringer_volume;
  if (given.dtmf_method) core.dtmf_method = *given.dtmf_method;
  return {};
}

// Only who enables G.729 needs its module.
void load_g729(PhoneSettings& settings) {
  const auto is_g729 = [](const codec::AudioFormat& f) { return f.codec == codec::AudioCodec::g729; };
  auto& codecs = settings.core.codecs;
  if (std::none_of(codecs.begin(), codecs.end(), is_g729)) return;
  auto module = media::G729Module::load();
  if (module) {
    settings.g729 = std::move(*module);
    return;
  }
  settings.warnings.push_back(describe(module.error()));
  std::erase_if(codecs, is_g729);
}

}  // namespace

Expected<Configured> read_configured(const EndpointSettings& given, bool whole) {
  auto overrides = secrets_of_process();
  for (const auto& option : given.options) overrides.push_back({option.path, option.value});
  auto read = read_for_start(given.config_file, overrides);
  Configured configured;
  for (const auto& problem : read.problems) {
    if (problem.severity == config::Severity::error)
      return fail(Layer::config, Fault::syntax, config::describe(problem),
                  "sidetone check-config tells all of it");
    configured.warnings.push_back(config::describe(problem));
  }
  configured.configuration = std::move(read.configuration);
  auto settings = phone_settings(given, configured.configuration, whole || !given.config_file.empty());
  if (!settings) return tl::make_unexpected(settings.error());
  configured.settings = std::move(*settings);
  configured.settings.warnings.insert(configured.settings.warnings.begin(), configured.warnings.begin(),
                                      configured.warnings.end());
  return configured;
}

Expected<PhoneSettings> phone_settings(const EndpointSettings& given,
                                       const config::Configuration& configuration, bool whole) {
  PhoneSettings settings;
  settings.core.devices.emplace();
  set_default_tones(settings);
  settings.core.codecs = codec::default_enabled();
  settings.core.answer_by_offer_order = given.answer_by_offer_order;
  settings.core.auto_answer = given.auto_answer;
  settings.core.auto_answer_delay = given.auto_answer_delay;
  settings.sip_port_min = given.sip_port_min;
  settings.sip_port_max = given.sip_port_max;
  auto versions = ip_versions_of(given.ip_versions);
  if (!versions) return tl::make_unexpected(versions.error());
  settings.ip_versions = std::move(*versions);
  settings.sip_port_binding = given.sip_port_binding;
  settings.tcp_port_min = given.tcp_port_min;
  settings.tcp_port_max = given.tcp_port_max;
  settings.signaling_dscp = given.signaling_qos;
  settings.rtp_port_min = given.rtp_port_min;
  settings.rtp_port_max = given.rtp_port_max;
  settings.audio_dscp = given.audio_qos;
  settings.core.rtp_inactivity_timeout = given.rtp_inactivity_timeout;
  settings.core.vq_alarm_threshold = given.vq_alarm_threshold;
  settings.level_received = given.level_received_audio;
  settings.transaction_timeout = std::chrono::milliseconds(4000);  // sip_transaction_timeout of the guide
  for (const auto& text : given.dns_servers) {
    auto server = Address::parse(text, 53);
    if (!server) return tl::make_unexpected(server.error());
    settings.dns.servers.push_back(*server);
  }
  for (const auto& each : given.lines) {
    auto line = line_of(each);
    if (!line) return tl::make_unexpected(line.error());
    settings.core.lines.push_back(std::move(*line));
  }
  if (auto taken = take_configuration(configuration, whole, settings); !taken)
    return tl::make_unexpected(taken.error());
  settings.log_hides_digits |= given.log_hides_digits;
  set_tls(given.tls, settings.tls);
  if (!given.use_srtp.empty()) {
    const auto srtp = config::parse_use_srtp(given.use_srtp);
    if (!srtp) return tl::make_unexpected(srtp.error());
    settings.core.srtp.policy = srtp->policy;
    settings.core.srtp.unencrypted_srtcp = srtp->unencrypted_srtcp;
  }
  if (!given.codecs.empty()) {
    auto codecs = codec::parse_enabled(given.codecs);
    if (!codecs) return tl::make_unexpected(codecs.error());
    settings.core.codecs = std::move(*codecs);
  }
  if (auto tones = override_tones(given, settings.core); !tones) return tl::make_unexpected(tones.error());
  load_g729(settings);
  if (std::none_of(settings.core.codecs.begin(), settings.core.codecs.end(),
                   [](const auto& format) { return codec::is_speech(format.codec); }))
    return fail(Layer::config, Fault::unsupported, "none of the enabled audio codecs is built in",
                "enable opus, G722, pcmu, pcma, iLBC or iSAC in codecs.enabled.audio");
  if (!given.public_address.empty()) settings.public_address = given.public_address;
  settings.core.calls_max = 32;  // six lines with some calls each: what a server that went mad can make ring
  auto guard = guard_of(given.trusted_peers);
  if (!guard) return tl::make_unexpected(guard.error());
  settings.guard = std::move(*guard);
  if (settings.core.lines.empty())
    return fail(Layer::config, Fault::range, "there is no line", "name a user and a server");
  if (settings.core.lines.size() > lines_max)
    return fail(Layer::config, Fault::limit,
                fmt::format("{} lines are more than six", settings.core.lines.size()),
                "take some of the Connectivity elements out");
  if (auto audio = set_audio(given.audio, settings); !audio) return tl::make_unexpected(audio.error());
  return settings;
}

}  // namespace sidetone::engine
