// The production endpoint core with its stack as a node on the wire: lines, calls, policies. Its media opens
// at once and makes no sound.
#pragma once

#include "endpoint/core_stack.h"
#include "endpoint/endpoint_core.h"
#include "wire.h"

namespace sidetone::test {

class PhoneNode {
 public:
  PhoneNode(Wire& wire, std::string_view name, std::string_view address, endpoint::CoreSettings settings,
            sip::StackSettings stack_settings = endpoint::core_stack_settings())
      : wire_(wire),
        stack_(std::move(stack_settings), random_, log_),
        node(wire.add(std::string(name), address,
                      StackOwner{stack_, [this] { return core->deadline(); },
                                 [this](Time now) {
                                   core->on_time(now);
                                   pump();
                                 }})) {
    for (auto& line : settings.lines) {
      line.socket = node.udp;
      line.media_ip = node.address.ip;
    }
    if (settings.codecs.empty()) settings.codecs = *codec::parse_enabled("pcmu,pcma");
    core = std::make_unique<endpoint::EndpointCore>(std::move(settings), stack_, random_, log_);
    node.on_event = [this](const sip::Event& event) {
      core->handle(event, wire_.now());
      pump();
    };
    core->start(wire.now());
    settle();
  }

  void command(const Command& command) {
    core->handle(command, wire_.now());
    settle();
  }
  // After whatever was done to the core from outside.
  void settle() {
    pump();
    wire_.settle(node);
  }

  template <typename T>
  [[nodiscard]] Kept<const T*> all() const {
    Kept<const T*> found;
    for (const auto& event : told)
      if (const auto* one = std::get_if<T>(&event)) found.push_back(one);
    return found;
  }
  template <typename T>
  [[nodiscard]] const T& last() const {
    return *all<T>().back();
  }
  // As the user sees it now: the only call, or the one that came last.
  [[nodiscard]] CallSnapshot call() const {
    const auto calls = core->snapshot().calls;
    if (calls.empty()) throw Missing(node.name + " has no call");
    return calls.back();
  }
  [[nodiscard]] const codec::MediaPlan& plan(CallId id) const { return plans.at(id); }

 private:
  Wire& wire_;
  SeededRandom random_{17};
  NullSink log_;
  sip::Stack stack_;

  void pump() {
    while (true) {
      if (auto order = core->poll_media())
        obey(*order);
      else if (auto event = core->poll_event())
        told.push_back(std::move(*event));
      else
        return;
    }
  }
  void obey(const endpoint::MediaOrder& order) {
    orders.push_back(order);
    if (const auto* open = std::get_if<endpoint::OpenMedia>(&order); open != nullptr && no_ports) {
      core->media_failed(open->call,
                         {Fault::busy, Layer::net, "RTP ports 9000-9001 on 10.0.0.3 are all in use",
                          "widen rtp_port_min and rtp_port_max"},
                         wire_.now());
    } else if (open != nullptr) {
      next_port_ = static_cast<std::uint16_t>(next_port_ + 2);
      media_at[open->call] = {open->ip, next_port_};
      core->media_ready(open->call, {open->ip, next_port_, static_cast<std::uint16_t>(next_port_ + 1)},
                        wire_.now());
    }
    if (const auto* move = std::get_if<endpoint::MoveMedia>(&order)) {
      next_port_ = static_cast<std::uint16_t>(next_port_ + 2);
      media_at[move->call] = {move->ip, next_port_};
      core->media_ready(move->call, {move->ip, next_port_, static_cast<std::uint16_t>(next_port_ + 1)},
                        wire_.now());
    }
    if (const auto* apply = std::get_if<endpoint::ApplyPlan>(&order)) plans[apply->call] = apply->plan;
    if (const auto* close = std::get_if<endpoint::CloseMedia>(&order))
      core->media_closed(close->call, {}, wire_.now());
  }

  std::uint16_t next_port_ = 30000;

 public:
  Node& node;
  std::unique_ptr<endpoint::EndpointCore> core;
  std::vector<Event> told;
  std::vector<endpoint::MediaOrder> orders;
  std::map<CallId, codec::MediaPlan> plans;
  std::map<CallId, Address> media_at;  // where each call's sound would come to
  bool no_ports = false;               // those for media are used up
};

// A line at the server 10.0.0.9 that needs no registration.
[[nodiscard]] inline endpoint::CoreLine line_at_server(std::string_view user) {
  endpoint::CoreLine line;
  line.user = user;
  line.server_host = "10.0.0.9";
  line.server_port = 5060;
  line.register_expires = seconds(0);
  return line;
}

}  // namespace sidetone::test
