// What the media thread tells, passed on to the endpoint.
#include "engine/phone_engine.h"
#include "engine/quality.h"

namespace sidetone::engine {

void PhoneEngine::take_media_events() {
  while (auto event = media_->poll_event()) take(*event);
  host_.drain();
}

void PhoneEngine::take(const media::MediaEvent& event) {
  const CallId call{event.id.value};
  const Time now = host_.now();
  if (const auto* last = std::get_if<media::StreamStatistics>(&event.what)) {
    report_quality(call, *last, rtp::VqReport::Kind::session, false, now);
    return core_->media_closed(call, statistics_of(*last), now);
  }
  if (const auto* error = std::get_if<Error>(&event.what)) return core_->media_warning(*error);
  if (const auto* failed = std::get_if<media::DeviceFailed>(&event.what))
    return core_->device_failed({failed->input, failed->output, failed->error.text}, now);
  if (const auto* lost = std::get_if<media::DeviceLost>(&event.what))
    return core_->device_lost(lost->error.text, now);
  if (const auto* ended = std::get_if<media::ToneEnded>(&event.what))
    return core_->tone_ended(ended->order, now);
  if (const auto* failed = std::get_if<media::ToneFailed>(&event.what))
    return core_->tone_failed(failed->order, failed->device, failed->error.text, now);
  if (const auto* ended = std::get_if<media::AnnouncementEnded>(&event.what))
    return core_->file_played(call, ended->error);
  if (const auto* ended = std::get_if<media::RecordingEnded>(&event.what))
    return core_->recording_ended(call, ended->error);
  const auto& fact = std::get<media::StreamEvent>(event.what);
  switch (fact.kind) {
    case media::StreamEvent::Kind::first_rtp: return core_->media_started(call);
    case media::StreamEvent::Kind::dtmf:
      return core_->digit_heard(call, fact.digit, fact.duration, DtmfMethod::rfc2833, now);
    case media::StreamEvent::Kind::dtmf_tones:
      return core_->digit_heard(call, fact.digit, fact.duration, DtmfMethod::inband_rtp, now);
    case media::StreamEvent::Kind::dtmf_sent: return core_->digits_sent(call, 1, now);
    case media::StreamEvent::Kind::audio_flows: return core_->media_flows(call, true, now);
    case media::StreamEvent::Kind::audio_pauses: return core_->media_flows(call, false, now);
    case media::StreamEvent::Kind::inactive: return core_->media_inactive(call, now);
    case media::StreamEvent::Kind::srtp_key_ages: return core_->media_key_ages(call, now);
    case media::StreamEvent::Kind::srtp_key_used_up: return core_->media_key_used_up(call);
    case media::StreamEvent::Kind::rtcp_bye:
    case media::StreamEvent::Kind::source_changed:
    case media::StreamEvent::Kind::format_changed: return;  // signalling decides; the stream has coped
  }
}

}  // namespace sidetone::engine
