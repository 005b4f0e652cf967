#include "labhost/media_server.h"

#include <fmt/format.h>

#include "base/text.h"
#include "labhost/numbers.h"
#include "labhost/sounds.h"

namespace sidetone::lab {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t digits_collected_max = 40;  // as many as one SendDtmf plays back

// Whom a conference's number lets meet; 0: nobody, the number is none.
std::uint32_t room_of(std::string_view dn) {
  const auto number = parse_number<std::uint32_t>(dn.substr(conference_prefix.size()));
  return number ? *number + 1 : 0;
}

engine::PhoneSettings phone_settings(const IpAddress& ip, const Address& server) {
  engine::PhoneSettings settings;
  endpoint::CoreLine line;
  line.user = "customer";
  line.display_name = "Lab customer";
  line.server_host = server.ip.to_string();
  line.server_port = server.port;
  line.register_expires = std::chrono::seconds(0);  // the server has a route to us
  settings.core.lines.push_back(std::move(line));
  settings.core.codecs = codec::default_enabled();
  settings.core.answer_by_offer_order = true;        // the lab speaks what its guests prefer
  settings.core.srtp.policy = SrtpPolicy::optional;  // what its guests want
  settings.core.auto_answer = true;
  settings.core.calls_are_apart = true;
  settings.core.auto_answer_delay =
      milliseconds(20);  // seen ringing, and no gap in a call that is moved here
  settings.public_address = ip.to_string();
  settings.sip_port_min = settings.sip_port_max = 0;
  settings.rtp_port_min = 16384;
  settings.rtp_port_max = 32767;
  settings.user_agent = "Sidetone-Lab";
  return settings;
}

}  // namespace

MediaServer::MediaServer(boost::asio::io_context& io, std::string folder, const engine::SteadyTime& clock,
                         Random& random, LogSink& log)
    : io_(io), folder_(std::move(folder)), clock_(clock), random_(random), log_(log) {}

Expected<void> MediaServer::start(const IpAddress& ip, const Address& server) {
  speech_ = folder_ + "/speech.wav";
  announcement_ = folder_ + "/announcement.wav";
  music_ = folder_ + "/music.wav";
  for (const auto& written : {write_speech(speech_), write_announcement(announcement_), write_music(music_)})
    if (!written) return written;

  auto settings = phone_settings(ip, server);
  settings.choose_media = [this](const endpoint::OpenMedia& order) { return choose(order); };
  phone_ = std::make_unique<engine::PhoneEngine>(io_, std::move(settings), clock_, random_, log_,
                                                 [this](const Event& event) { on_event(event); });
  return phone_->start();
}

engine::MediaChoice MediaServer::choose(const endpoint::OpenMedia& order) {
  const auto& dn = order.called_user;
  const auto nowhere = media::Sink{media::ToNowhere{}};
  if (order.direction == CallDirection::outgoing || dn == customer_dn || dn == callback_dn)
    return {media::FromFile{speech_, true}, nowhere};
  if (dn == music_dn) return {media::FromFile{music_, true}, nowhere};
  if (dn == announcement_dn) return {media::FromFile{announcement_, true}, nowhere};
  if (dn == recorder_dn)
    return {media::FromSilence{}, media::ToFile{fmt::format("{}/recording-{}.wav", folder_, ++recordings_)}};
  if (dn == ringback_dn) return {media::FromTone{425, 0, milliseconds(1000), milliseconds(4000)}, nowhere};
  if (dn == busy_dn) return {media::FromTone{425, 0, milliseconds(500), milliseconds(500)}, nowhere};
  if (dn == collect_dn) return {media::FromSilence{}, nowhere};
  if (dn.starts_with(conference_prefix)) return {media::FromSilence{}, nowhere, room_of(dn)};
  return {media::FromEcho{milliseconds(500)}, nowhere};
}

void MediaServer::on_event(const Event& event) {
  if (const auto* added = std::get_if<CallAdded>(&event)) {
    const auto& call = added->call;
    if (call.direction == CallDirection::incoming && call.called_number == callback_dn)
      call_back_[call.call] = call.remote_number;
    if (call.direction == CallDirection::incoming && call.called_number == collect_dn)
      collections_[call.call].caller = call.remote_number;
  } else if (const auto* changed = std::get_if<CallChanged>(&event)) {
    if (changed->call.state == CallState::connected && call_back_.contains(changed->call.call))
      phone_->post(HangUp{changed->call.call});
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    collections_.erase(ended->call.call);
    const auto asked = call_back_.extract(ended->call.call);
    if (!asked.empty()) call(asked.mapped());
  } else if (const auto* digit = std::get_if<DtmfReceived>(&event)) {
    collect(digit->call, digit->digit);
  }
}

void MediaServer::collect(CallId call, char digit) {
  const auto found = collections_.find(call);
  if (found == collections_.end()) return;
  auto& [caller, digits] = found->second;
  if (digit != '#') digits += digit;
  if (digit != '#' && digits.size() < digits_collected_max) return;
  if (collected_) collected_(caller, digits);
  if (!digits.empty()) phone_->post(SendDtmf{call, std::exchange(digits, {})});
}

void MediaServer::call(const std::string& dn) { phone_->post(Dial{dn, {}}); }

void MediaServer::stop() {
  if (phone_) phone_->post(Stop{});
}

}  // namespace sidetone::lab
