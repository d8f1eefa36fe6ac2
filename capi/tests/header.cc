// The header is C++ as well.
#include "iamc.h"
#include "iamc.h"

bool ask(const iamc_tables *tables) {
    iamc_request request = iamc_request_init();
    request.principal.kind = IAMC_PRINCIPAL_ANONYMOUS;
    request.action = iamc_text_of("s3:GetObject");
    request.resource = iamc_text_of("arn:aws:s3:::logs/public/a");
    return iamc_is_allowed(tables, &request);
}
