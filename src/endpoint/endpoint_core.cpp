#include "endpoint/endpoint_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "endpoint/problem.h"

namespace sidetone::endpoint {
EndpointCore::EndpointCore(CoreSettings settings, sip::Stack& stack, Random& random, LogSink& log)
    : settings_(std::make_shared<const CoreSettings>(std::move(settings))),
      stack_(stack),
      random_(random),
      log_(log),
      devices_(settings_->devices, settings_->ringer_volume, outbox_),
      tones_(settings_->tones, outbox_),
      transfers_({[this](CallId call) { return find(call); },
                  [this](CallId call) { return !is_another_active(call); }},
                 outbox_) {}

void EndpointCore::start(Time now) {
  devices_.start();
  for (const auto& line : settings_->lines) add_line(line);
  for (auto& line : lines_) open_line(line, now);
}

// --- from the media side

void EndpointCore::media_ready(CallId id, MediaTransport transport, Time now) {
  if (Call* call = find(id)) {
    call->media_ready(transport, now);
    if (!call->is_incoming() && !call->has_leg() && call->media_is_ready()) send_invite(*call, now);
  }
  after_input(now);
}

void EndpointCore::media_failed(CallId id, Error error, Time now) {
  if (Call* call = find(id)) {
    outbox_.tell(Warning{problem_of(error)});
    call->media_failed(now);
  }
  after_input(now);
}

void EndpointCore::media_not_moved(CallId id, const Error& error) {
  outbox_.tell(Warning{problem_of(error)});
  if (Call* call = find(id)) call->media_not_moved();
}

void EndpointCore::media_warning(const Error& error) { outbox_.tell(Warning{problem_of(error)}); }

void EndpointCore::media_started(CallId id) {
  if (Call* call = find(id)) call->media_started();
}

void EndpointCore::media_flows(CallId id, bool flows, Time now) {
  if (Call* call = find(id)) call->media_flows(flows);
  after_input(now);
}

void EndpointCore::digit_heard(CallId id, char digit, std::chrono::milliseconds duration, DtmfMethod method,
                               Time now) {
  if (Call* call = find(id)) call->digit_heard(digit, duration, method, now);
}

void EndpointCore::file_played(CallId id, const std::optional<Error>& error) {
  if (Call* call = find(id)) call->file_played();
  if (error)
    command_failed("play_file", id, *error);
  else
    outbox_.tell(FilePlayed{id});
}

void EndpointCore::recording_ended(CallId id, const Error& error) {
  if (Call* call = find(id)) call->recording_ended();
  command_failed("record", id, error);
}

void EndpointCore::digits_sent(CallId id, std::size_t count, Time now) {
  if (Call* call = find(id)) call->digits_sent(count, now);
}

void EndpointCore::media_inactive(CallId id, Time now) {
  if (Call* call = find(id)) call->media_inactive(now);
  after_input(now);
}

void EndpointCore::media_key_ages(CallId id, Time now) {
  if (Call* call = find(id)) call->media_key_ages(now);
  after_input(now);
}

void EndpointCore::media_key_used_up(CallId id) {
  if (const Call* call = find(id)) call->media_key_used_up();
}

std::optional<bool> EndpointCore::quality(CallId id, const CallStatistics& statistics, bool announce) {
  Call* call = find(id);
  return call != nullptr ? call->quality(statistics, announce) : std::nullopt;
}

// RFC 6035 §3.2: each report is said once and refreshed by nobody.
void EndpointCore::quality_report(QualityReport report, Time now) {
  const auto& collector = settings_->report_collector;
  const Call* call = find(report.call);
  if (collector && call != nullptr && call->line().index < lines_.size()) {
    const auto& line = lines_[call->line().index];
    sip::Publish publish;
    publish.account = line.account;
    publish.target = collector->uri;
    publish.event = "vq-rtcpxr";
    publish.body = report.body;
    publish.content_type = "application/vq-rtcpxr";
    publish.refresh = false;
    publish.next_hop = sip::NextHop{
        .transport = collector->transport,
        .host = collector->host,
        .port = collector->port,
        .socket = line.settings.transport == sip::Transport::udp ? line.settings.socket : sip::SocketId{},
        .tls_profile = line.settings.tls_profile};
    if (const auto sent = stack_.publish(std::move(publish), now); !sent)
      log_.write({now, LogLevel::warning, LogTag::call, call->line().index, report.call.value,
                  fmt::format("the quality report cannot be sent: {}", describe(sent.error()))});
  }
  outbox_.tell(std::move(report));
}

void EndpointCore::on(const sip::PublicationChanged& event, Time now) {
  if (event.state != sip::PublicationState::failed) return;
  log_.write(
      {now, LogLevel::warning, LogTag::call, 0, 0,
       fmt::format("vq_report_collector did not take a quality report: {} {}", event.status, event.text)});
}

std::optional<ReportFacts> EndpointCore::report_facts(CallId id) const {
  const auto found = calls_.find(id);
  return found == calls_.end() ? std::nullopt : found->second->report_facts();
}

void EndpointCore::media_closed(CallId id, const CallStatistics& statistics, Time now) {
  if (Call* call = find(id)) call->media_closed(statistics);
  after_input(now);
}

// --- the network

std::optional<LineId> EndpointCore::line_of(sip::AccountId account) const {
  for (const auto& line : lines_)
    if (line.account == account) return line.shown.line;
  return std::nullopt;
}

// --- devices

void EndpointCore::set_devices(device::DeviceList devices, Time now) {
  devices_.set_devices(std::move(devices));
  after_input(now);
}

void EndpointCore::device_failed(const DeviceFailure& failure, Time now) {
  devices_.device_failed(failure, now);
  after_input(now);
}

void EndpointCore::device_lost(const std::string& why, Time now) {
  devices_.device_lost(why, now);
  after_input(now);
}

// --- tones

void EndpointCore::tone_ended(std::uint64_t order, Time now) {
  tones_.tone_ended(order);
  after_input(now);
}

void EndpointCore::tone_failed(std::uint64_t order, const std::string& device, const std::string& why,
                               Time now) {
  outbox_.tell(
      Warning{{"device", "io", fmt::format("\"{}\" cannot ring: {}", devices_.speaker_name(device), why),
               "another device rings; choose one with ringing_enabled or ringer_device"}});
  tones_.tone_failed(order, device);
  after_input(now);
}

// --- time and outputs

void EndpointCore::on_time(Time now) {
  for (auto& [id, call] : calls_) {
    const auto due = call->deadline();
    if (due && due->when <= now) {
      touch(id);
      if (call->is_ringing() && due->why == "auto_answer") answer_if_allowed(*call, now);
      call->on_time(now);
    }
  }
  devices_.on_time(now);
  tones_.on_time(now);
  after_input(now);
}

// The guide, "Auto-answer": it is blocked without the headset, or without a microphone or speaker; the user
// may still answer.
void EndpointCore::answer_if_allowed(Call& call, Time now) {
  const auto verdict = devices_.should_answer(true);
  if (verdict.answer == device::ShouldAnswer::yes) return hold_others(call.id(), now);
  call.cancel_auto_answer();
  outbox_.tell(
      Warning{{"device", "state",
               fmt::format("call {} is not answered automatically: {}", call.id().value, verdict.reason),
               "answer it by hand, or plug the headset in"}});
}

std::optional<Deadline> EndpointCore::deadline() const {
  auto next = earlier(devices_.deadline(), tones_.deadline());
  for (const auto& [id, call] : calls_) next = earlier(next, call->deadline());
  if (stop_by_ && !stopped_) next = earlier(next, Deadline{*stop_by_, "stop"});
  return next;
}

std::optional<Event> EndpointCore::poll_event() {
  if (outbox_.events.empty()) return {};
  std::optional<Event> event(std::move(outbox_.events.front()));
  outbox_.events.pop_front();
  return event;
}

std::optional<MediaOrder> EndpointCore::poll_media() {
  std::optional<MediaOrder> order;
  if (outbox_.media.empty()) return order;
  order = std::move(outbox_.media.front());
  outbox_.media.pop_front();
  return order;
}

Snapshot EndpointCore::snapshot() const {
  Snapshot snapshot;
  for (const auto& line : lines_) snapshot.lines.push_back(line.shown);
  for (const auto& [id, call] : calls_)
    if (call->state() != CallState::ended) snapshot.calls.push_back(call->snapshot());
  snapshot.devices = devices_.snapshot();
  snapshot.tones = tones_.snapshot();
  return snapshot;
}

Call* EndpointCore::find(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return nullptr;
  touch(id);
  return found->second.get();
}

Call* EndpointCore::find(sip::SessionId session) {
  const auto found = call_of_session_.find(session);
  return found == call_of_session_.end() ? nullptr : find(found->second);
}

void EndpointCore::after_input(Time now) {
  for (std::size_t i = 0; i < touched_.size(); ++i) {  // what is done to one may touch another
    const auto found = calls_.find(touched_[i]);
    if (found == calls_.end()) continue;
    auto& call = *found->second;
    const auto id = call.id();
    tell_referrer_of_end(call, now);
    transfers_.look_at(call, now);
    tones_.set_call(id, call.presence(), call.wants_ringback());
    if (!call.is_gone()) continue;
    invites_.erase(id);
    account_of_call_.erase(id);
    calls_.erase(found);
  }
  touched_.clear();
  devices_.set_calls(tones_.any_call(), now);
  tones_.set_devices(devices_.alert_devices());
  tones_.settle(now);
  finish_stop_if_done(now);
}

}  // namespace sidetone::endpoint
