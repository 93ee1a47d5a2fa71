use adyton_codec::hex_encode;
use adyton_pki::{Certificate, split_pem_chain};
use adyton_tee_intel_dcap::{PckPlatform, Quote, QuoteBody, SgxReport, TdReport};
use adyton_types::Field;

/// Fields in the making, below a common part of the name.
struct Under<'a> {
    prefix: &'static str,
    fields: &'a mut Vec<Field>,
}

impl Under<'_> {
    fn text(&mut self, name: &str, value: impl std::fmt::Display) {
        let name = format!("{}.{name}", self.prefix);
        self.fields.push(Field::new(name, value));
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        self.text(name, hex_encode(value));
    }
}

/// Every field of a quote, in its order, with Intel's words.
pub(super) fn fields(quote: &Quote<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut header = Under {
        prefix: "header",
        fields: &mut fields,
    };
    header.text("version", quote.version);
    header.text("tee_type", quote.tee);
    if let Some([qe, pce]) = quote.header_svns {
        header.text("qe_svn", qe);
        header.text("pce_svn", pce);
    }
    header.bytes("user_data", &quote.user_data);
    match &quote.body {
        QuoteBody::Sgx(report) => sgx("body", report, &mut fields),
        QuoteBody::Td(report) => td(report, &mut fields),
    }
    let mut signature = Under {
        prefix: "signature",
        fields: &mut fields,
    };
    signature.bytes("ecdsa", quote.signature);
    signature.bytes("attestation_key", &quote.attestation_key);
    signature.bytes("qe_report_signature", quote.qe_report_signature);
    signature.bytes("qe_auth_data", quote.qe_auth_data);
    signature.text("certification_type", quote.certification.kind);
    signature.text("certification_bytes", quote.certification.data.len());
    sgx("qe_report", &quote.qe_report, &mut fields);
    if let Some(platform) = pck(quote) {
        pck_fields(&platform, &mut fields);
    }
    fields
}

fn sgx(prefix: &'static str, report: &SgxReport, fields: &mut Vec<Field>) {
    let mut under = Under { prefix, fields };
    under.bytes("cpusvn", &report.cpu_svn);
    under.text("miscselect", format!("{:#010x}", report.misc_select));
    under.bytes("isvextprodid", &report.isv_ext_prod_id);
    under.bytes("attributes", &report.attributes);
    under.text("attributes.debug", report.debug());
    under.bytes("mrenclave", &report.mr_enclave);
    under.bytes("mrsigner", &report.mr_signer);
    under.bytes("configid", &report.config_id);
    under.text("isvprodid", report.isv_prod_id);
    under.text("isvsvn", report.isv_svn);
    under.text("configsvn", report.config_svn);
    under.bytes("isvfamilyid", &report.isv_family_id);
    under.bytes("reportdata", &report.report_data);
}

fn td(report: &TdReport, fields: &mut Vec<Field>) {
    let mut under = Under {
        prefix: "body",
        fields,
    };
    under.bytes("tee_tcb_svn", &report.tee_tcb_svn);
    under.bytes("mrseam", &report.mr_seam);
    under.bytes("mrsignerseam", &report.mr_signer_seam);
    under.bytes("seamattributes", &report.seam_attributes);
    under.bytes("tdattributes", &report.td_attributes.0);
    under.text("tdattributes.debug", report.td_attributes.debug());
    under.bytes("xfam", &report.xfam);
    under.bytes("mrtd", &report.mr_td);
    under.bytes("mrconfigid", &report.mr_config_id);
    under.bytes("mrowner", &report.mr_owner);
    under.bytes("mrownerconfig", &report.mr_owner_config);
    for (number, rtmr) in report.rtmr.iter().enumerate() {
        under.bytes(&format!("rtmr{number}"), rtmr);
    }
    under.bytes("reportdata", &report.report_data);
    if let Some(v15) = &report.v15 {
        under.bytes("tee_tcb_svn_2", &v15.tee_tcb_svn_2);
        under.bytes("mrservicetd", &v15.mr_service_td);
    }
    if let Some(ex) = &report.v15_ex {
        under.text("vm_id", ex.vm_id);
        under.bytes("td_id", &ex.td_id);
        under.bytes("dev_info", &ex.dev_info);
        under.bytes("init_servtd_hash", &ex.init_service_td_hash);
        under.bytes("init_servtd_attributes", &ex.init_service_td_attributes);
        under.bytes("init_cpusvn", &ex.init_cpu_svn);
        under.bytes("init_tee_tcb_svn", &ex.init_tee_tcb_svn);
        under.bytes("init_tee_fmspc", &ex.init_tee_fmspc);
        under.bytes("cur_servtd_hash", &ex.cur_service_td_hash);
        under.bytes("cur_servtd_attributes", &ex.cur_service_td_attributes);
    }
}

/// What the PCK certificate in the quote says of the platform; nobody has verified it.
fn pck(quote: &Quote<'_>) -> Option<PckPlatform> {
    let chain = quote.certification.pck_chain().ok()?;
    let leaf = split_pem_chain(chain).ok()?.into_iter().next()?;
    PckPlatform::parse(&Certificate::parse(&leaf).ok()?).ok()
}

fn pck_fields(platform: &PckPlatform, fields: &mut Vec<Field>) {
    let mut under = Under {
        prefix: "pck",
        fields,
    };
    under.text("issuer", format!("{:?} CA", platform.ca));
    under.bytes("ppid", &platform.ppid);
    under.bytes("fmspc", &platform.fmspc);
    under.bytes("pceid", &platform.pce_id);
    under.bytes("tcb_components", &platform.tcb.0);
    under.text("pcesvn", platform.pce_svn);
    under.bytes("cpusvn", &platform.cpu_svn);
    under.text("sgx_type", platform.sgx_type);
    if let Some(id) = &platform.platform_instance_id {
        under.bytes("platform_instance_id", id);
    }
    for (name, value) in [
        ("dynamic_platform", platform.dynamic_platform),
        ("cached_keys", platform.cached_keys),
        ("smt_enabled", platform.smt_enabled),
    ] {
        if let Some(value) = value {
            under.text(name, value);
        }
    }
}
