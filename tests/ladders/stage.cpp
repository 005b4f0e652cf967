#include "stage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tlib/event.h"

namespace sidetone::test {
namespace {

constexpr std::string_view lab_address = "10.0.0.9";

endpoint::CoreSettings phone_settings(const std::string& dn) {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server(dn));
  settings.lines.back().register_expires = seconds(3600);
  return settings;
}

endpoint::CoreSettings media_settings() {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("media"));
  settings.auto_answer = true;
  settings.auto_answer_delay = milliseconds(20);
  settings.calls_are_apart = true;
  settings.answer_by_offer_order = true;
  return settings;
}

lab::ServerSettings open(lab::ServerSettings settings) {
  settings.admit_unknown_dns = true;
  settings.routes.push_back({"71", sip::Transport::udp, "10.0.0.20", 5060});
  return settings;
}

std::string text_of(const Hears& hears) {
  std::vector<std::string> parts;
  for (const auto& [who, whom] : hears)
    parts.push_back(
        fmt::format("{} hears {}", who, whom.empty() ? "silence" : fmt::format("{}", fmt::join(whom, "+"))));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

void StageLog::write(LogRecord record) {
  if (!record.text.starts_with("Event")) return;
  lines.push_back(record.text);
  ladder.note(record.time, std::move(record.text));
}

void StageLog::trace(SipRecord record) {
  const auto message = sip::parse_message(*record.bytes);
  if (!message || message->method() == sip::Method::register_ || message->status() == 100) return;
  const auto name = names.find(record.remote);
  lines.push_back(fmt::format("{} {} {}{}{}", name == names.end() ? "?" : name->second,
                              record.direction == SipDirection::out ? "<" : ">",
                              message->is_request() ? "" : std::to_string(message->status()) + " ",
                              message->method_name(), message->body().starts_with("v=0") ? " sdp" : ""));
  ladder.trace(std::move(record));
}

void StageLog::asked(Time time, const std::string& text) {
  lines.push_back(text);
  ladder.note(time, text);
}

void StageLog::clear() {
  ladder.clear();
  lines.clear();
}

Stage::Stage(lab::ServerSettings settings) : lab_(wire_, lab_address, open(std::move(settings)), &log_) {
  log_.names[*Address::parse(lab_address, 5060)] = "SIP Server";
  add("7401", "10.0.0.11");
  add("7402", "10.0.0.12");
  add("7403", "10.0.0.13");
  media_ = std::make_unique<PhoneNode>(wire_, "media", "10.0.0.20", media_settings());
  log_.names[media_->node.address] = "Stream Manager";
  run(seconds(1));
  begin_here();
}

PhoneNode& Stage::add(const std::string& dn, std::string_view address) {
  auto& phone = phones_[dn];
  phone = std::make_unique<PhoneNode>(wire_, dn, address, phone_settings(dn));
  log_.names[phone->node.address] = dn;
  return *phone;
}

void Stage::run(Duration span) { wire_.run_for(span); }

void Stage::refuse(const std::string& dn) {
  auto& phone = *phones_.at(dn);
  phone.command(Reject{phone.call().call, 486});
  run(seconds(1));
}

void Stage::hang_up(const std::string& dn) {
  auto& phone = *phones_.at(dn);
  while (!phone.core->snapshot().calls.empty()) {
    const auto calls = phone.core->snapshot().calls.size();
    phone.command(HangUp{phone.call().call});
    if (phone.core->snapshot().calls.size() == calls) break;
  }
  run(seconds(2));
}

void Stage::ask(lab::tlib::RequestName name, const std::string& dn, const std::string& other) {
  lab::tlib::Request request{.name = name, .reference_id = ++requests_, .this_dn = dn};
  (name == lab::tlib::RequestName::send_dtmf ? request.digits : request.destination) = other;
  log_.asked(wire_.now(),
             fmt::format("Request{} ({}{}{})", name_of(name), dn, other.empty() ? "" : ",", other));
  lab_.server.request(request, wire_.now());
  wire_.settle(lab_.node);
  run(seconds(1));
  while (const auto event = lab_.server.poll_tlib_event())
    if (event->name == lab::tlib::EventName::error && event->reference_id == requests_)
      fault(fmt::format("{} {}: {} ({})", name_of(name), dn, event->text, name_of(event->error_code)));
}

std::vector<Stage::End> Stage::ends() const {
  std::vector<End> all;
  const auto add = [&all](const std::string& name, PhoneNode& phone) {
    for (const auto& call : phone.core->snapshot().calls)
      if (call.state == CallState::connected || call.state == CallState::early)
        if (phone.plans.contains(call.call)) all.push_back({name, &phone, call.call, call});
  };
  for (const auto& [dn, phone] : phones_) add(dn, *phone);
  add({}, *media_);
  return all;
}

std::string Stage::played_by(const End& media) const {
  const auto& dn = media.seen.called_number;
  const auto& treatments = lab_.server.settings().treatments;
  if (dn == treatments.music) return "music";
  if (dn == treatments.ringback) return "ring-back";
  if (dn == treatments.busy) return "busy tone";
  return {};
}

// A sound goes where the speaker's plan sends it, and is heard where the plan of who gets it lets it be
// played.
Hears Stage::hears() const {
  const auto all = ends();
  const auto reaches = [](const End& from, const End& to) {
    const auto& out = from.phone->plan(from.call);
    const auto& in = to.phone->plan(to.call);
    return out.send && in.receive && out.remote_rtp == to.phone->media_at.at(to.call);
  };
  const auto& prefix = lab_.server.settings().treatments.conference_prefix;
  Hears result;
  for (const auto& [dn, phone] : phones_) result[dn];
  for (const auto& listener : all) {
    if (listener.name.empty()) continue;
    for (const auto& speaker : all) {
      if (!reaches(speaker, listener)) continue;
      if (!speaker.name.empty()) {
        result[listener.name].insert(speaker.name);
      } else if (!speaker.seen.called_number.starts_with(prefix)) {
        result[listener.name].insert(played_by(speaker));
      } else {
        for (const auto& other : all)  // the mixer's other legs, and who speaks into them
          if (other.name.empty() && other.call != speaker.call &&
              other.seen.called_number == speaker.seen.called_number)
            for (const auto& voice : all)
              if (!voice.name.empty() && reaches(voice, other)) result[listener.name].insert(voice.name);
      }
    }
  }
  return result;
}

void Stage::expect_hears(const Hears& wanted) {
  auto all = wanted;
  for (const auto& [dn, phone] : phones_) all[dn];
  const auto found = hears();
  phases_.push_back(text_of(wanted));
  if (found != all) fault(fmt::format("wanted: {}; but {}", text_of(all), text_of(found)));
}

void Stage::expect_order(const std::vector<std::string>& wanted) {
  auto at = log_.lines.begin();
  for (const auto& line : wanted) {
    at = std::find(at, log_.lines.end(), line);
    if (at == log_.lines.end())
      return fault(
          fmt::format("'{}' is missing, or too early, in\n  {}", line, fmt::join(log_.lines, "\n  ")));
    ++at;
  }
}

void Stage::expect_all_over() {
  run(seconds(100));
  if (lab_.server.active_calls() != 0 || lab_.server.flows() != 0)
    fault(fmt::format("{} calls and {} requests are left", lab_.server.active_calls(), lab_.server.flows()));
  for (const auto& end : ends())
    fault(fmt::format("{} still has a call", end.name.empty() ? "media" : end.name));
}

std::string Stage::ladder() const {
  return log_.ladder.draw(log_.names, {.width_max = 180, .lanes = {"7401", "SIP Server", "7402", "7403"}});
}

std::string Stage::ladder_svg() const {
  return log_.ladder.draw_svg(log_.names, {.lanes = {"7401", "SIP Server", "7402", "7403"}});
}

}  // namespace sidetone::test
