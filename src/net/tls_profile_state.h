// What a TlsProfile shares with its connections, which may outlive it. On the io_context's thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "net/tls_contexts.h"

namespace sidetone::net {

struct TlsProfileState {
  TlsProfileState(boost::asio::io_context& context, TlsSettings given)
      : io(context), settings(std::move(given)) {}

  boost::asio::io_context& io;
  const TlsSettings settings;
  std::optional<Expected<TlsContexts>> contexts;  // none: they are still being loaded
  TlsSessions sessions;
  std::vector<std::function<void()>> waiting;  // for the contexts
  std::function<void(const Error&)> on_warning;
};

}  // namespace sidetone::net
