/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "export/lines/export_columns.h"

#define TABLE(file, columns)                                                                       \
    {                                                                                              \
        file, columns, ARRAY_SIZE(columns)                                                         \
    }

/* clang-format off */
static const struct export_column numecoeval_datacentre[] = {
    {"nomCourtDatacenter", FIELD_DATACENTRE, true},
    {"nomLongDatacenter", FIELD_DATACENTRE_NAME, true},
    {"pue", FIELD_PUE, true},
    {"localisation", FIELD_COUNTRY, true},
    {"nomEntite", FIELD_ENTITY, false},
    {"qualite", FIELD_NOTHING, false},
};

static const struct export_column numecoeval_physical[] = {
    {"nomEquipementPhysique", FIELD_PHYSICAL, true},
    {"modele", FIELD_MODEL, true},
    {"quantite", FIELD_QUANTITY, true},
    {"nomCourtDatacenter", FIELD_DATACENTRE, true},
    {"dateAchat", FIELD_PURCHASE, false},
    {"dateRetrait", FIELD_END, false},
    {"dureeUsageInterne", FIELD_LIFE, false}, /* where dateRetrait does not say it */
    {"dureeUsageAmont", FIELD_EARLIER, false},
    {"dureeUsageAval", FIELD_LATER, false},
    {"type", FIELD_TYPE, true},
    {"statut", FIELD_STATUS, true},
    {"paysDUtilisation", FIELD_COUNTRY, true},
    {"consoElecAnnuelle", FIELD_ENERGY, true},
    {"utilisateur", FIELD_USER, true},
    {"nomSourceDonnee", FIELD_SOURCE, false},
    {"nomEntite", FIELD_ENTITY, false},
    {"nbCoeur", FIELD_CORES, true},
    {"modeUtilisation", FIELD_NOTHING, false},
    {"tauxUtilisation", FIELD_NOTHING, false},
    {"qualite", FIELD_QUALITY, false},
};

static const struct export_column numecoeval_virtual[] = {
    {"nomEquipementVirtuel", FIELD_VIRTUAL, true},
    {"nomEquipementPhysique", FIELD_PHYSICAL, true},
    {"nomSourceDonneeEquipementPhysique", FIELD_HOST_SOURCE, false},
    {"cleRepartition", FIELD_SHARE, false},
    {"vCPU", FIELD_VCPU, true},
    {"cluster", FIELD_CLUSTER, true},
    {"consoElecAnnuelle", FIELD_ENERGY, false},
    {"typeEqv", FIELD_VIRTUAL_TYPE, false},
    {"capaciteStockage", FIELD_STORAGE, false},
    {"nomEntite", FIELD_ENTITY, false},
    {"qualite", FIELD_QUALITY, false},
};

static const struct export_column numecoeval_application[] = {
    {"nomApplication", FIELD_APPLICATION, true},
    {"typeEnvironnement", FIELD_ENVIRONMENT, true},
    {"nomEquipementVirtuel", FIELD_VIRTUAL, false},
    {"nomSourceEquipementVirtuel", FIELD_NOTHING, false}, /* virtual machines have no source there */
    {"domaine", FIELD_DOMAIN, true},
    {"sousDomaine", FIELD_SUBDOMAIN, true},
    {"nomEntite", FIELD_ENTITY, false},
    {"nomEquipementPhysique", FIELD_PHYSICAL, true},
    {"nomSourceDonnee", FIELD_SOURCE, false},
    {"qualite", FIELD_NOTHING, false},
};

static const struct export_column g4it_datacentre[] = {
    {"nomCourtDatacenter", FIELD_DATACENTRE, true},
    {"nomLongDatacenter", FIELD_DATACENTRE_NAME, false},
    {"pue", FIELD_PUE, false},
    {"localisation", FIELD_COUNTRY, true},
    {"nomEntite", FIELD_ENTITY, false},
    {"nomSourceDonnee", FIELD_NOTHING, false},
};

static const struct export_column g4it_physical[] = {
    {"nomEquipementPhysique", FIELD_PHYSICAL, true},
    {"nomEntite", FIELD_ENTITY, false},
    {"nomSourceDonnee", FIELD_SOURCE, false},
    {"modele", FIELD_MODEL, true},
    {"quantite", FIELD_QUANTITY, true},
    {"type", FIELD_TYPE, true},
    {"statut", FIELD_STATUS, false},
    {"paysDUtilisation", FIELD_COUNTRY, true},
    {"utilisateur", FIELD_USER, false},
    {"dateAchat", FIELD_PURCHASE, false},
    {"dateRetrait", FIELD_END, false},
    {"nbCoeur", FIELD_CORES, false},
    {"nomCourtDatacenter", FIELD_DATACENTRE, false},
    {"consoElecAnnuelle", FIELD_ENERGY, false},
    {"fabricant", FIELD_MAKER, false},
    {"tailleDuDisque", FIELD_NOTHING, false}, /* its unit is not told */
    {"tailleMemoire", FIELD_NOTHING, false},
    {"typeDeProcesseur", FIELD_PROCESSOR, false},
    {"dureeUtilisation", FIELD_NOTHING, false},
    {"nombreUtilisateur", FIELD_NOTHING, false},
};

static const struct export_column g4it_virtual[] = {
    {"nomEquipementVirtuel", FIELD_VIRTUAL, true},
    {"nomEquipementPhysique", FIELD_PHYSICAL, false},
    {"nomSourceDonneeEquipementPhysique", FIELD_HOST_SOURCE, false},
    {"cleRepartition", FIELD_SHARE, false},
    {"vCPU", FIELD_VCPU, false},
    {"cluster", FIELD_CLUSTER, false},
    {"consoElecAn", FIELD_ENERGY, false},
    {"typeEqv", FIELD_VIRTUAL_TYPE, false},
    {"capaciteStockage", FIELD_STORAGE, false},
    {"nomEntite", FIELD_ENTITY, false},
    {"nomSourceDonnee", FIELD_SOURCE, false},
    {"typeInfrastructure", FIELD_INFRASTRUCTURE, false},
    {"quantite", FIELD_QUANTITY, false},
    {"provider", FIELD_NOTHING, false},
    {"typeInstance", FIELD_NOTHING, false},
    {"location", FIELD_NOTHING, false},
    {"chargeMoy", FIELD_NOTHING, false},
    {"dureeUtilisationAnnuelle", FIELD_NOTHING, false},
};

static const struct export_column g4it_application[] = {
    {"nomApplication", FIELD_APPLICATION, true},
    {"typeEnvironnement", FIELD_ENVIRONMENT, true},
    {"nomEquipementVirtuel", FIELD_VIRTUAL, true},
    {"nomSourceDonneeEquipementVirtuel", FIELD_VIRTUAL_SOURCE, false},
    {"domaine", FIELD_DOMAIN, false},
    {"sousDomaine", FIELD_SUBDOMAIN, false},
    {"nomEntite", FIELD_ENTITY, false},
    {"nomSourceDonnee", FIELD_SOURCE, false},
    {"nomEquipementPhysique", FIELD_PHYSICAL, false},
    {"associeAvecUnEquipmentCloud", FIELD_NOTHING, false},
};

/* NumEcoEval's files are called as the parts of the request that takes them. */
static const struct export_profile profiles[] = {
    {"numecoeval", "NumEcoEval", false,
     {[KIND_DATACENTRE] = TABLE("csvDataCenter.csv", numecoeval_datacentre),
      [KIND_PHYSICAL] = TABLE("csvEquipementPhysique.csv", numecoeval_physical),
      [KIND_VIRTUAL] = TABLE("csvEquipementVirtuel.csv", numecoeval_virtual),
      [KIND_APPLICATION] = TABLE("csvApplication.csv", numecoeval_application)}},
    {"g4it", "G4IT", true,
     {[KIND_DATACENTRE] = TABLE("datacenter.csv", g4it_datacentre),
      [KIND_PHYSICAL] = TABLE("physicalEquipment.csv", g4it_physical),
      [KIND_VIRTUAL] = TABLE("virtualEquipment.csv", g4it_virtual),
      [KIND_APPLICATION] = TABLE("application.csv", g4it_application)}},
};

static const struct export_option options[FIELDS] = {
    [FIELD_DATACENTRE] = {"site", "datacentre"},
    [FIELD_DATACENTRE_NAME] = {"site", "datacentre_name"},
    [FIELD_PUE] = {"site", "pue"},
    [FIELD_COUNTRY] = {"site", "country"},
    [FIELD_PHYSICAL] = {"asset", "name"},
    [FIELD_MODEL] = {"asset", "model"},
    [FIELD_TYPE] = {"asset", "type"},
    [FIELD_STATUS] = {"asset", "status"},
    [FIELD_USER] = {"asset", "user"},
    [FIELD_CORES] = {"asset", "cores"},
    [FIELD_VIRTUAL] = {"asset", "name"},
    [FIELD_VCPU] = {"asset", "cores"},
    [FIELD_CLUSTER] = {"asset", "cluster"},
    [FIELD_APPLICATION] = {"asset", "application"},
    [FIELD_ENVIRONMENT] = {"asset", "environment"},
    [FIELD_DOMAIN] = {"asset", "domain"},
    [FIELD_SUBDOMAIN] = {"asset", "subdomain"},
};
/* clang-format on */

const struct export_profile *export_profile_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
        if (str_equal(profiles[i].name, name))
            return &profiles[i];
    return NULL;
}

struct export_option export_option(enum export_field field)
{
    return options[field].key ? options[field] : (struct export_option){"", ""};
}
