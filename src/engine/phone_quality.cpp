// The quality of running calls: alarms and reports.
#include "engine/phone_engine.h"
#include "engine/quality.h"
#include "engine/vq_reports.h"

namespace sidetone::engine {
namespace {

constexpr auto quality_interval = std::chrono::seconds(5);
constexpr unsigned report_rounds = 12;  // an interval report a minute

}  // namespace

// Runs only while there are calls: an idle phone does not wake up for it.
void PhoneEngine::watch_quality() {
  if (quality_watched_) return;
  quality_watched_ = true;
  quality_timer_.expires_after(quality_interval);
  quality_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](boost::system::error_code error) {
    if (error || alive.expired()) return;
    quality_watched_ = false;
    if (core_->calls_alive() == 0) return;
    ++quality_rounds_;
    for (const auto& call : core_->snapshot().calls) look_at_quality(call, host_.now());
    host_.drain();
    watch_quality();
  });
}

void PhoneEngine::look_at_quality(const CallSnapshot& call, Time now) {
  const auto stream = media_->statistics(media_id(call.call));
  const bool connected = call.state == CallState::connected;
  const auto alarm = core_->quality(call.call, statistics_of(stream), connected);
  if (alarm) report_quality(call.call, stream, rtp::VqReport::Kind::alert, *alarm, now);
  if (connected && settings_.core.extended_reports && quality_rounds_ % report_rounds == 0)
    report_quality(call.call, stream, rtp::VqReport::Kind::interval, false, now);
}

// RFC 6035. A call that never had media has nothing to report.
void PhoneEngine::report_quality(CallId call, const media::StreamStatistics& stream, rtp::VqReport::Kind kind,
                                 bool alarm_on, Time now) {
  const auto facts = core_->report_facts(call);
  if (!facts || stream.packets_sent + stream.packets_received == 0) return;
  auto report = vq_report(*facts, stream, now, std::chrono::system_clock::now());
  report.kind = kind;
  report.local_group = settings_.user_agent;
  if (!alarm_on) report.alert.severity = rtp::VqReport::Alert::Severity::clear;
  const auto told = kind == rtp::VqReport::Kind::session    ? QualityReport::Kind::session
                    : kind == rtp::VqReport::Kind::interval ? QualityReport::Kind::interval
                                                            : QualityReport::Kind::alert;
  core_->quality_report({told, call, rtp::write_vq_report(report)}, now);
}

}  // namespace sidetone::engine
