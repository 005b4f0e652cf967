// What the endpoint wants of the media, carried out on the media thread.
#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "engine/phone_engine.h"
#include "media/dtmf_tone.h"
#include "net/rtp_io.h"

namespace sidetone::engine {

media::MediaThread& PhoneEngine::media() {
  if (media_) return *media_;
  auto notify = [this, alive = std::weak_ptr<int>(alive_)] {
    boost::asio::post(io_, [this, alive] {
      if (!alive.expired()) take_media_events();
    });
  };
  media::MediaThreadSettings media;
  media.restart_if_stuck = settings_.restart_audio_if_stuck;
  media.voice = voice_;
  media.hold_music_file = settings_.hold_music_file;
  media_ = std::make_unique<media::MediaThread>(media, notify, log_);
  {
    std::lock_guard lock(snapshot_mutex_);
    asked_ = media_.get();
  }
  return *media_;
}

// As if all that is asked for were there, at once.
void PhoneEngine::pretend(const endpoint::MediaOrder& order, Time now) {
  constexpr std::uint16_t rtp_port = 9;  // discard (RFC 863)
  const auto ready = [&](CallId call, const IpAddress& ip) {
    core_->media_ready(call, {ip, rtp_port, rtp_port}, now);
  };
  if (const auto* open = std::get_if<endpoint::OpenMedia>(&order)) ready(open->call, open->ip);
  if (const auto* move = std::get_if<endpoint::MoveMedia>(&order)) ready(move->call, move->ip);
  if (const auto* close = std::get_if<endpoint::CloseMedia>(&order))
    core_->media_closed(close->call, {}, now);
}

void PhoneEngine::carry_out(const endpoint::OpenMedia& order, Time now) {
  auto port = net::open_rtp_io(order.ip, settings_.rtp_port_min, settings_.rtp_port_max, settings_.audio_dscp,
                               random_.next());
  if (!port) return core_->media_failed(order.call, port.error(), now);
  const auto rtp_port = (*port)->rtp_port();
  media::StreamSettings stream;
  stream.ssrc = static_cast<std::uint32_t>(random_.next());  // RFC 3550 §5.1: random start values
  stream.first_sequence = static_cast<std::uint16_t>(random_.next() & 0x7fff);
  stream.first_timestamp = static_cast<std::uint32_t>(random_.next());
  stream.g729 = settings_.g729;
  stream.vad_level = settings_.vad_level;
  stream.level_received = settings_.level_received;
  const auto choice = settings_.choose_media ? settings_.choose_media(order) : MediaChoice{};
  stream.cname = fmt::format("{}@{}", cname_, order.ip.to_string());
  media().open(media_id(order.call), std::move(*port), stream);
  media_->set_source(media_id(order.call), choice.source);
  media_->set_sink(media_id(order.call), choice.sink);
  if (choice.room != 0) media_->confer(media_id(order.call), choice.room);
  core_->media_ready(order.call, {order.ip, rtp_port, static_cast<std::uint16_t>(rtp_port + 1)}, now);
  watch_quality();
}

void PhoneEngine::carry_out(const endpoint::MoveMedia& order, Time now) {
  auto port = net::open_rtp_io(order.ip, settings_.rtp_port_min, settings_.rtp_port_max, settings_.audio_dscp,
                               random_.next());
  if (!port) return core_->media_not_moved(order.call, port.error());
  const auto rtp_port = (*port)->rtp_port();
  media_->move(media_id(order.call), std::move(*port));
  core_->media_ready(order.call, {order.ip, rtp_port, static_cast<std::uint16_t>(rtp_port + 1)}, now);
}

void PhoneEngine::carry_out(const endpoint::ApplyPlan& order, Time) {
  media_->apply(media_id(order.call), order.plan);
}

void PhoneEngine::carry_out(const endpoint::SetMuted& order, Time) {
  media_->set_muted(media_id(order.call), order.muted);
}

void PhoneEngine::carry_out(const endpoint::Confer& order, Time) {
  constexpr std::uint32_t own_conference = 1;
  media_->confer(media_id(order.call), order.in ? own_conference : 0);
}

void PhoneEngine::carry_out(const endpoint::Record& order, Time) {
  media_->record(media_id(order.call), order.path);
}

void PhoneEngine::carry_out(const endpoint::PlayFile& order, Time) {
  media_->play_to_peer(media_id(order.call), order.path, order.loop);
}

void PhoneEngine::carry_out(const endpoint::SendDigits& order, Time) {
  media_->send_dtmf(media_id(order.call), order.digits, order.tone, order.gap,
                    order.as_tones ? media::DigitWay::tones : media::DigitWay::events, order.feedback);
}

void PhoneEngine::carry_out(const endpoint::SoundDigit& order, Time) {
  media_->sound_digit(media_id(order.call), order.digit, order.tone);
}

void PhoneEngine::carry_out(const endpoint::Beep& order, Time) {
  media_->sound_digit(media_id(order.call), media::beep_key, order.length);
}

void PhoneEngine::carry_out(const endpoint::CloseMedia& order, Time now) {
  if (media_)
    media_->close(media_id(order.call));  // its last event brings the figures
  else
    core_->media_closed(order.call, {}, now);
}

void PhoneEngine::carry_out(const endpoint::PlayTone& order, Time) {
  if (order.places.empty() && !media_) return;
  std::vector<media::RingerOutputs::Place> places;
  for (const auto& place : order.places) {
    const bool rings =
        place.file == endpoint::ToneFile::ringing || place.file == endpoint::ToneFile::system_ringing;
    places.push_back({place.device, tone_spec(settings_.tone_files, place.file), rings});
  }
  media().play_tone(static_cast<std::size_t>(order.slot), order.id, std::move(places), order.once);
}

void PhoneEngine::carry_out(const endpoint::UseRingerVolume& order, Time) {
  media().set_ringer_volume(order.percent);
}

void PhoneEngine::carry_out(const endpoint::UseDevices& order, Time) {
  media::DeviceChoice choice;
  choice.input_used = !order.microphone.empty();
  choice.output_used = !order.speaker.empty();
  choice.input = order.microphone;
  choice.output = order.speaker;
  choice.latency = device_latency_;
  if (choice.input_used || choice.output_used) choice.kind = media::DeviceChoice::Kind::cubeb;
  media().set_device(std::move(choice));
}

void PhoneEngine::carry_out(const endpoint::ProcessVoice& order, Time now) {
  if (!order.echo_left_to.empty())
    log_.write(
        {now,
         LogLevel::info,
         LogTag::device,
         {},
         0,
         "echo control is off: the microphone \"" + order.echo_left_to + "\" cancels echoes by itself"});
  voice_ = order.settings;
  if (media_) media_->process_voice(voice_);
}

}  // namespace sidetone::engine
