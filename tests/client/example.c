/* SPDX-License-Identifier: BSD-3-Clause */
/* The example of librmmclient(3), which is made from this file. */

#include <rmi.h>
#include <rmmclient.h>
#include <stdio.h>

static int
delegate_twice(struct rmmclient *client)
{
	uint64_t granule;
	int rc;

	if (rmmclient_lease(client, GRANULE_SIZE, 0, &granule) < 0) {
		fprintf(stderr, "lease: %s\n", rmmclient_error(client));
		return 1;
	}
	for (int i = 0; i < 2; i++) {
		rc = rmi_granule_delegate(client, granule);
		if (rc < 0)
			fprintf(stderr, "%s\n", rmmclient_error(client));
		else if (rc != RMI_SUCCESS)
			printf("status %u: %s\n", RMI_STATUS(rc),
			    rmmclient_last_reason()->why);
	}
	return rc < 0;
}

int
main(void)
{
	struct rmmclient *client = rmmclient_connect(NULL, "example");
	int rc;

	if (client == NULL) {
		fprintf(stderr, "%s\n", rmmclient_error(NULL));
		return 1;
	}
	printf("%s, %s\n", rmmclient_server(client), rmmclient_abi(client));
	rc = delegate_twice(client);
	rmmclient_close(client);
	return rc;
}
