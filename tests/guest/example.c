/* SPDX-License-Identifier: BSD-3-Clause */
/* The example of librmmguest(3), which is made from this file. */

#include <rmmguest.h>
#include <rsi.h>
#include <stdio.h>

#define CONFIG 0x80000000 /* IPA of a page of RAM */

static int
look_around(struct rmmguest *guest)
{
	struct rsi_realm_config config;
	uint64_t top, ripas;
	int rc;

	rc = rsi_ipa_state_get(guest, CONFIG, CONFIG + 0x1000, &top, &ripas);
	if (rc == RSI_SUCCESS && ripas == RSI_RAM)
		rc = rsi_realm_config(guest, CONFIG);
	if (rc > RSI_SUCCESS)
		printf("%s\n", rmmguest_last(guest)->why);
	if (rc == RSI_SUCCESS)
		rc = realm_read(guest, CONFIG, &config, sizeof config);
	if (rc == RMMGUEST_EXCEPTION)
		printf("esr 0x%llx\n",
		    (unsigned long long)rmmguest_last(guest)->esr);
	if (rc == 0)
		printf("a realm of %u bits\n", (unsigned)config.ipa_width);
	return rc;
}

int
main(void)
{
	struct rmmguest *guest = rmmguest_connect(NULL, "example");

	if (guest == NULL || rmmguest_attach(guest, 0, RMMGUEST_ANY) != 0 ||
	    look_around(guest) < 0) {
		fprintf(stderr, "%s\n", rmmguest_error(guest));
		return 1;
	}
	/* There is no answer: the REC goes instead. */
	psci_system_off(guest, NULL);
	rmmguest_close(guest);
	return 0;
}
