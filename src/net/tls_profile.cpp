#include "net/tls_profile.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "net/tls_connection.h"
#include "net/tls_identity.h"
#include "net/tls_listener.h"
#include "net/tls_profile_state.h"

namespace sidetone::net {

TlsProfile::TlsProfile(boost::asio::io_context& io, TlsSettings settings)
    : state_(std::make_shared<TlsProfileState>(io, std::move(settings))) {}

TlsProfile::~TlsProfile() {
  state_->on_warning = nullptr;
  if (loader_.joinable()) loader_.join();
}

void TlsProfile::set_on_warning(std::function<void(const Error&)> on_warning) {
  state_->on_warning = std::move(on_warning);
}

void TlsProfile::load() {
  if (loader_.joinable()) return;
  loader_ = std::thread([&io = state_->io, settings = state_->settings, weak = std::weak_ptr(state_)] {
    auto made = std::make_shared<Expected<TlsContexts>>(make_contexts(settings));
    boost::asio::post(io, [weak, made] {
      const auto state = weak.lock();
      if (!state) return;
      state->contexts = std::move(*made);
      if (*state->contexts && state->on_warning)
        for (const auto& warning : (*state->contexts)->warnings) state->on_warning(warning);
      for (const auto& go_on : std::exchange(state->waiting, {})) go_on();
    });
  });
}

std::unique_ptr<StreamConnection> TlsProfile::connect(const Address& to, const std::string& name,
                                                      std::uint16_t local_port_min,
                                                      std::uint16_t local_port_max,
                                                      StreamConnection::Handlers handlers, int dscp,
                                                      std::optional<IpAddress> local_ip) {
  load();
  auto connection = std::make_shared<TlsConnectionState>(state_, to);
  connection->set_handlers(std::move(handlers));
  connection->connect({to, name, local_port_min, local_port_max, dscp, local_ip});
  return own(std::move(connection));
}

Expected<std::unique_ptr<StreamListener>> TlsProfile::listen(const Address& local,
                                                             StreamListener::OnAccept on_accept,
                                                             OnRefused on_refused, int dscp) {
  if (state_->settings.certificate_file.empty())
    return fail(Layer::net, Fault::range, "TLS connections cannot be accepted without a certificate",
                "name one in system.security.certificate");
  // Two small files: their faults belong to the start, not to the first peer.
  if (auto identity = load_identity(state_->settings); !identity)
    return tl::make_unexpected(identity.error());
  load();
  return listen_tls(state_, local, std::move(on_accept), std::move(on_refused), dscp);
}

}  // namespace sidetone::net
