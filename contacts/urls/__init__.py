from __future__ import annotations

from django.urls import path

from contacts.views import contact, exports, filters, imports, listing, notes

urlpatterns = [
    path("", listing.contact_list, name="contact_list"),
    path("bulk/", listing.contact_bulk, name="contact_bulk"),
    path("new/", contact.contact_create, name="contact_create"),
    path("companies/", contact.company_options, name="company_options"),
    path("merge/", contact.contact_merge, name="contact_merge"),
    path("export/<str:kind>/", exports.contact_export, name="contact_export"),
    path("import/", imports.contact_import, name="contact_import"),
    path("import/<int:import_id>/", imports.contact_import_show, name="contact_import_show"),
    path("import/<int:import_id>/progress/", imports.contact_import_progress, name="contact_import_progress"),
    path("import/<int:import_id>/continue/", imports.contact_import_continue, name="contact_import_continue"),
    path("import/<int:import_id>/failed/", imports.contact_import_failed, name="contact_import_failed"),
    path("<int:contact_id>/", contact.contact_detail, name="contact_detail"),
    path("<int:contact_id>/edit/", contact.contact_edit, name="contact_edit"),
    path("<int:contact_id>/delete/", contact.contact_delete, name="contact_delete"),
    path("<int:contact_id>/tags/", contact.contact_tags, name="contact_tags"),
    path("<int:contact_id>/notes/", notes.note_create, name="note_create"),
    path("notes/<int:note_id>/", notes.note_edit, name="note_edit"),
    path("notes/<int:note_id>/delete/", notes.note_delete, name="note_delete"),
    path("filters/new/", filters.saved_filter_create, name="saved_filter_create"),
    path("filters/<int:filter_id>/", filters.saved_filter_edit, name="saved_filter_edit"),
    path("filters/<int:filter_id>/delete/", filters.saved_filter_delete, name="saved_filter_delete"),
]
