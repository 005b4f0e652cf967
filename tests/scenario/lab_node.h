// The lab's server, registrar and B2BUA, as a node on the wire.
#pragma once

#include "labserver/server.h"
#include "wire.h"

namespace sidetone::test {

class LabNode {
 public:
  LabNode(Wire& wire, std::string_view address, lab::ServerSettings settings)
      : LabNode(wire, address, std::move(settings), nullptr) {}
  // `log` hears all that the server sends, gets and tells.
  LabNode(Wire& wire, std::string_view address, lab::ServerSettings settings, LogSink* log)
      : server(std::move(settings), random_, log ? *log : no_log_, wire.now()),
        node(wire.add("lab", address,
                      StackOwner{server.stack(), [this] { return server.deadline(); },
                                 [this](Time now) { server.on_time(now); }})) {
    node.on_event = [this](const sip::Event& event) { server.handle(event, node.now()); };
  }

 private:
  SeededRandom random_{11};
  NullSink no_log_;

 public:
  lab::Server server;
  Node& node;
};

}  // namespace sidetone::test
