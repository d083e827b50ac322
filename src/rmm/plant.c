/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The planted defects: finding one, and a call that has it.
 */
#include "plant.h"

#include <string.h>

#include "plant-table.h"

static const struct plant *
plant_at(size_t n)
{
	const struct plant *plant = plants_rmi;

	while (n > 0 && plant->is.name != NULL) {
		plant++;
		n--;
	}
	if (plant->is.name != NULL)
		return plant;
	for (plant = plants_realm; n > 0 && plant->is.name != NULL; n--)
		plant++;
	return plant->is.name == NULL ? NULL : plant;
}

const struct rmm_plant *
rmm_plant_at(size_t n)
{
	const struct plant *plant = plant_at(n);

	return plant == NULL ? NULL : &plant->is;
}

bool
rmm_plant(struct rmm_config *cfg, const char *name)
{
	const struct plant *plant;

	for (size_t n = 0; (plant = plant_at(n)) != NULL; n++)
		if (strcmp(plant->is.name, name) == 0) {
			cfg->plant = plant;
			return true;
		}
	return false;
}

void
plant_call(struct call *c)
{
	const struct plant *plant = c->rmm->config.plant;
	struct planted p = { .c = c, .rmm = c->rmm, .answer = c->answer };

	if (c->command->abi.fid != plant->fid) {
		call_run(c);
		return;
	}
	memcpy(p.x, c->x, sizeof p.x);
	if (plant->before != NULL)
		plant->before(&p);
	c->x = p.x;
	c->omit = plant->omit;
	c->collect |= plant->omit != NULL;
	call_run(c);
	if (plant->after != NULL)
		plant->after(&p);
}

void
plant_exit(struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit)
{
	const struct plant *plant = rmm->config.plant;

	if (plant->exit != NULL)
		plant->exit(rec, exit);
}
